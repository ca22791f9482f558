import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { readTreeFile } from "../../lib/tree/read.ts"
import type { AppSpec } from "./port.ts"

/** Files that decide what an installation leads to. */
const deciding =
  "package.json bun.lock bun.lockb package-lock.json pnpm-lock.yaml yarn.lock .npmrc bunfig.toml requirements.txt pyproject.toml go.mod go.sum".split(
    " ",
  )
/** Folders that installations make; they may be cleared away from outside. */
const made = ["node_modules", ".venv", ".packages"]
/** A lock file beyond this counts by its size alone. */
const readBytes = 20_000_000

/** Notes about which folders are installed, and from what. */
export class Installed {
  /** `folder` holds the notes. */
  constructor(private readonly folder: string) {}

  /** Whether what the app needs was installed here, for this `runtime`, and nothing it depends on has changed since. */
  async is(root: string, app: AppSpec, runtime: string): Promise<boolean> {
    return (await readFile(this.#note(root), "utf8").catch(() => "")) === stateOf(root, app, runtime)
  }

  /** The installation begins: from here on it counts as not done. */
  forget(root: string): Promise<void> {
    return rm(this.#note(root), { force: true })
  }

  async remember(root: string, app: AppSpec, runtime: string): Promise<void> {
    await mkdir(this.folder, { recursive: true })
    await writeFile(this.#note(root), stateOf(root, app, runtime))
  }

  #note(root: string): string {
    return join(this.folder, createHash("sha256").update(root).digest("hex"))
  }
}

function stateOf(root: string, app: AppSpec, runtime: string): string {
  const hash = createHash("sha256").update(JSON.stringify([app.postCreateCommand, app.env, runtime]))
  for (const name of deciding) hash.update(`\n${name}\n`).update(contentOf(root, name))
  return `${hash.digest("hex")} ${made.filter((name) => existsSync(join(root, name))).join(" ") || "bare"}`
}

/** An app can put anything at a name: a link to an endless device, or a pipe, would hold the server up. */
function contentOf(root: string, name: string): Uint8Array | string {
  try {
    const file = readTreeFile(root, name, readBytes)
    return file === null ? "" : "bytes" in file ? file.bytes : `${file.size} bytes`
  } catch {
    return ""
  }
}
