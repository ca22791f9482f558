import { existsSync, type Stats } from "node:fs"
import { readdir } from "node:fs/promises"
import { Folder } from "./folder.ts"
import { Ignores } from "./ignores.ts"
import { pathProblem } from "./path-problem.ts"

export interface Found {
  path: string
  name: string
  /** Open while the entry is looked at, closed after. */
  folder: Folder
  stat: Stats
}

/** A walk over a large tree lets others work in between. */
const entriesBetweenPauses = 200

/**
 * Files and links of a tree, in no promised order: without what its `.gitignore` leaves out (unless asked for),
 * `node_modules`, and names that no file of a project may have. Links are reported, never followed.
 */
export async function* walkTree(root: string, options: { ignored?: boolean } = {}): AsyncGenerator<Found> {
  if (!existsSync(root)) return
  using top = Folder.root(root)
  const pace = { entries: 0 }
  yield* walkFolder(top, "", Ignores.none, options.ignored === true, pace)
}

async function* walkFolder(
  folder: Folder,
  path: string,
  above: Ignores,
  all: boolean,
  pace: { entries: number },
): AsyncGenerator<Found> {
  const ignores = all ? above : above.within(folder, path)
  for (const name of (await readdir(folder.self)).sort()) {
    if (++pace.entries % entriesBetweenPauses === 0) await new Promise(setImmediate)
    const here = path === "" ? name : `${path}/${name}`
    if (pathProblem(here) !== null) continue
    const stat = folder.stat(name)
    if (stat === null || ignores.has(here, stat.isDirectory())) continue
    if (stat.isFile() || stat.isSymbolicLink()) yield { path: here, name, folder, stat }
    if (!stat.isDirectory()) continue
    const inner = folder.openIfThere(name)
    if (inner === null) continue
    try {
      yield* walkFolder(inner, here, ignores, all, pace)
    } finally {
      inner[Symbol.dispose]()
    }
  }
}
