import { createHash } from "node:crypto"
import { dirname, join, normalize } from "node:path"
import { walkTree } from "../../lib/tree/walk.ts"
import { readFile } from "../file/workspace.ts"
import { devcontainerPath } from "./devcontainer-file.ts"

/** Files that decide how an app runs, whatever it is written in. */
const deciding = [
  devcontainerPath,
  ..."package.json bun.lock package-lock.json pnpm-lock.yaml yarn.lock bunfig.toml requirements.txt pyproject.toml go.mod go.sum".split(
    " ",
  ),
]

/** Sources of programs that are read once, at their start; tests are not part of what runs. */
const program = /\.(py|go)$/
const test = /(^|\/)(tests?|testdata)\/|(^|\/)test_[^/]*\.py$|_test\.(py|go)$/
/** A Dockerfile of the app's own, by whatever name. */
const dockerfile = /(^|[./])dockerfile($|\.)/i

const mostFiles = 200
const mostEntries = 5_000

/**
 * One value for all that a running app does not notice by itself: how it is run, what is installed, its sources in
 * Python and Go, and the files that its commands name, with what those import. Pages and styles are not part of it.
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
  for (const path of await sources(root)) await take(path)
  const named = namesOf([texts.get(devcontainerPath), texts.get("package.json")].join("\n"))
  const queue = [...new Set(named)].map((path) => normalize(path))
  for (const path of queue) {
    if (texts.size > mostFiles) break
    if (path.startsWith("..") || path.startsWith("/") || texts.has(path)) continue
    await take(path)
    queue.push(...importsOf(path, texts.get(path) ?? null))
  }
  return hash.digest("hex")
}

/** Without what `.gitignore` leaves out: packages that were installed beside the app are known by their list. */
async function sources(root: string): Promise<string[]> {
  const found: string[] = []
  let seen = 0
  for await (const { path, stat } of walkTree(root)) {
    if (++seen > mostEntries || found.length > mostFiles / 2) break
    if (stat.isFile() && ((program.test(path) && !test.test(path)) || dockerfile.test(path))) found.push(path)
  }
  return found
}

/**
 * Programs that a text names. First words, then their ends, each character once: in one expression a long word without
 * an end would be tried from each of its letters, and hold the server up for minutes.
 */
const namesOf = (text: string): string[] =>
  (text.match(/[\w./-]+/g) ?? []).flatMap((word) => /^.*\.[cm]?[jt]sx?\b/.exec(word)?.[0] ?? [])

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
