import { mkdirSync, readdirSync, unlinkSync } from "node:fs"
import { type Folder, inParent } from "./folder.ts"
import { readEntry } from "./read.ts"
import { pruneEmptyFolders, removeEntry } from "./remove.ts"
import { createAt, replaceTreeFile } from "./replace.ts"
import { walkTree } from "./walk.ts"

/** A file that the tree shall hold; its path was checked with `pathProblem`. */
export interface WantedFile {
  path: string
  size: number
  executable: boolean
  isSame(bytes: Uint8Array): boolean
  read(): Promise<Uint8Array>
}

export interface SyncOptions {
  /** Files larger than this are not ours: they stay, unless the tree wants another at their place. */
  largest: number
}

/**
 * Makes a tree hold exactly these files: what differs is replaced, file by file, what is the same is not touched
 * (an app that watches its files sees only true changes), what is not wanted goes. Ignored paths stay.
 */
export async function syncTree(root: string, wanted: WantedFile[], { largest }: SyncOptions): Promise<void> {
  mkdirSync(root, { recursive: true })
  const fresh = readdirSync(root).length === 0
  for (const [at, file] of wanted.entries()) {
    if (at % 200 === 199) await new Promise(setImmediate)
    if (fresh) {
      const bytes = await file.read()
      inParent(root, file.path, true, (parent, name) => createAt(parent.at(name), bytes, file.executable, parent))
    } else if (!holds(root, file)) {
      const bytes = await file.read()
      clearWay(root, file.path)
      replaceTreeFile(root, file.path, { bytes, executable: file.executable })
    }
  }
  if (!fresh) await removeOthers(root, new Set(wanted.map((file) => file.path)), largest)
}

function holds(root: string, file: WantedFile): boolean {
  return inOrdinaryParent(root, file.path, (parent, name) => {
    if (parent.stat(name)?.size !== file.size) return false
    const there = readEntry(parent, name, file.size)
    return there !== null && "bytes" in there && there.executable === file.executable && file.isSame(there.bytes)
  })
}

/** False when a link or a file stands where a folder should be. */
function inOrdinaryParent(root: string, path: string, work: (parent: Folder, name: string) => boolean): boolean {
  const segments = path.split("/")
  for (let depth = 1; depth < segments.length; depth++) {
    const way = segments.slice(0, depth).join("/")
    if (inParent(root, way, false, (parent, name) => parent.stat(name)?.isDirectory() === true) !== true) return false
  }
  return inParent(root, path, false, work) === true
}

/** Removes what stands where a file, or a folder above it, has to be. */
function clearWay(root: string, path: string): void {
  const segments = path.split("/")
  for (let depth = 1; depth <= segments.length; depth++) {
    const last = depth === segments.length
    const way = segments.slice(0, depth).join("/")
    inParent(root, way, false, (parent, name) => {
      const stat = parent.stat(name)
      const fits = stat === null || (last ? stat.isFile() : stat.isDirectory())
      if (!fits) removeEntry(parent, name)
    })
  }
}

async function removeOthers(root: string, wanted: ReadonlySet<string>, largest: number): Promise<void> {
  const unwanted: string[] = []
  for await (const { path, stat } of walkTree(root)) {
    if (!wanted.has(path) && (stat.isSymbolicLink() || stat.size <= largest)) unwanted.push(path)
  }
  for (const path of unwanted) {
    inParent(root, path, false, (parent, name) => {
      if (parent.stat(name)?.isDirectory() === false) unlinkSync(parent.at(name))
    })
    pruneEmptyFolders(root, path)
  }
}
