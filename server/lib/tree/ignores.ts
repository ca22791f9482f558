import { existsSync } from "node:fs"
import ignore, { type Ignore } from "ignore"
import { Folder } from "./folder.ts"
import { readEntry } from "./read.ts"

const largest = 100_000
const fixed = new Set(["node_modules", ".DS_Store"])
const decoder = new TextDecoder()

/** The `.gitignore` files from the root down to one folder, the nearest first, as git reads them. */
export class Ignores {
  static readonly none = new Ignores(null, "", null)

  private constructor(
    private readonly rules: Ignore | null,
    private readonly prefix: string,
    private readonly above: Ignores | null,
  ) {}

  /** Adds the rules of a folder, when it has some. */
  within(folder: Folder, path: string): Ignores {
    const file = readEntry(folder, ".gitignore", largest)
    if (file === null || "size" in file) return this
    return new Ignores(
      ignore({ ignorecase: false }).add(decoder.decode(file.bytes)),
      path === "" ? "" : `${path}/`,
      this,
    )
  }

  has(path: string, isFolder: boolean): boolean {
    return fixed.has(path.slice(path.lastIndexOf("/") + 1)) || this.leavesOut(isFolder ? `${path}/` : path)
  }

  /** The nearest file that has a word to say decides. */
  private leavesOut(path: string): boolean {
    const result = this.rules?.test(path.slice(this.prefix.length))
    if (result?.ignored) return true
    return result?.unignored !== true && this.above?.leavesOut(path) === true
  }
}

/** Whether the `.gitignore` files of a tree leave a checked path out, there or not. */
export function isIgnored(root: string, path: string): boolean {
  if (!existsSync(root)) return false
  using opened = new DisposableStack()
  let folder = opened.use(Folder.root(root))
  let ignores = Ignores.none
  let here = ""
  for (const segment of path.split("/")) {
    ignores = ignores.within(folder, here)
    here = here === "" ? segment : `${here}/${segment}`
    if (here === path || ignores.has(here, true)) break
    const next = folder.openIfThere(segment)
    if (next === null) break
    folder = opened.use(next)
  }
  return ignores.has(here, here !== path) || ignores.has(path, false)
}
