import { createHash } from "node:crypto"
import { dirname, join, normalize } from "node:path"
import { readFile } from "../file/workspace.ts"
import { devcontainerPath } from "./devcontainer.ts"

/** Files that decide how an app runs, whatever it is written in. */
const deciding = [
  devcontainerPath,
  ..."package.json bun.lock package-lock.json pnpm-lock.yaml yarn.lock bunfig.toml requirements.txt pyproject.toml".split(
    " ",
  ),
]

const mostFiles = 200

/**
 * One value for all that a running app does not notice by itself: how it is run, what is installed, and the files
 * that its commands name, with what those import. Pages and styles are not part of it.
 */
export async function fingerprint(root: string): Promise<string> {
  const hash = createHash("sha256")
  const texts = new Map<string, string | null>()
  const take = async (path: string) => {
    if (texts.has(path)) return
    const text = await readFile(root, path).catch(() => null)
    texts.set(path, text)
    if (text !== null) hash.update(`${path}\0${text.length}\0${text}`)
  }
  for (const path of deciding) await take(path)
  const named = [texts.get(devcontainerPath), texts.get("package.json")].join("\n").match(/[\w./-]+\.[cm]?[jt]sx?\b/g)
  const queue = [...new Set(named)].map((path) => normalize(path))
  for (const path of queue) {
    if (texts.size > mostFiles) break
    if (path.startsWith("..") || path.startsWith("/") || texts.has(path)) continue
    await take(path)
    queue.push(...importsOf(path, texts.get(path) ?? null))
  }
  return hash.digest("hex")
}

const transpiler = new Bun.Transpiler({ loader: "tsx" })

function importsOf(path: string, text: string | null): string[] {
  if (text === null) return []
  try {
    return transpiler
      .scanImports(text)
      .filter((found) => found.path.startsWith("."))
      .flatMap((found) => {
        const base = normalize(join(dirname(path), found.path))
        return /\.[cm]?[jt]sx?$/.test(base) ? [base] : [`${base}.ts`, `${base}.js`]
      })
  } catch {
    // Not yet a program: its own text is part of the value anyway.
    return []
  }
}
