import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { AppError } from "../../app-error.ts"
import { codeOf, type Folder, inParent, ownLike } from "./folder.ts"

const createNew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

export interface NewFile {
  bytes: Uint8Array
  /** Unset: as the file that is replaced. */
  executable?: boolean
}

/** Where files are written before they take their place: beside the tree, out of reach of what runs in it. */
export const scratchOf = (root: string): string => join(dirname(root), ".writing")

/** What is older was left by a server that was killed. */
const abandonedMs = 3_600_000
const swept = new Set<string>()

/** The scratch folder of a tree, made, and once in the life of a process swept. */
export function openScratch(root: string): string {
  const scratch = scratchOf(root)
  mkdirSync(scratch, { recursive: true, mode: 0o700 })
  if (swept.has(scratch)) return scratch
  swept.add(scratch)
  for (const name of readdirSync(scratch)) {
    const left = join(scratch, name)
    const age = Date.now() - (statSync(left, { throwIfNoEntry: false })?.mtimeMs ?? Infinity)
    if (age > abandonedMs) rmSync(left, { recursive: true, force: true })
  }
  return scratch
}

/**
 * Puts a file at a checked path, whole or not at all: written elsewhere, then renamed over the name. A rename
 * replaces a hard link or a link instead of writing through it. Links, folders and devices are refused.
 */
export function replaceTreeFile(root: string, path: string, file: NewFile): { created: boolean } {
  const done = inParent(root, path, true, (parent, name) => {
    const before = parent.stat(name)
    if (before?.isDirectory()) throw new AppError("bad_input", `${path} is a folder; choose another name for the file`)
    if (before?.isSymbolicLink())
      throw new AppError("bad_input", `${path} is a link; delete it first, links are not followed`)
    if (before !== null && !before.isFile()) throw new AppError("bad_input", `${path} is not an ordinary file`)
    const executable = file.executable ?? ((before?.mode ?? 0) & 0o100) !== 0
    const temporary = writeScratch(root, file.bytes, executable, parent)
    try {
      renameSync(temporary, parent.at(name))
    } catch (error) {
      rmSync(temporary, { force: true })
      if (codeOf(error) === "EISDIR")
        throw new AppError("bad_input", `${path} is a folder; choose another name for the file`)
      if (codeOf(error) === "ENOENT") throw goneMeanwhile(path)
      throw error
    }
    return { created: before === null }
  })
  if (done === null) throw goneMeanwhile(path)
  return done
}

const goneMeanwhile = (path: string): AppError =>
  new AppError("conflict", `the folder of ${path} was removed while it was written; try again`)

function writeScratch(root: string, bytes: Uint8Array, executable: boolean, parent: Folder): string {
  const temporary = join(openScratch(root), crypto.randomUUID())
  try {
    createAt(temporary, bytes, executable, parent)
  } catch (error) {
    rmSync(temporary, { force: true })
    if (codeOf(error) === "ENOSPC") throw new AppError("internal", "The disk of the server is full", { cause: error })
    throw error
  }
  return temporary
}

/** Fills a file that must not exist yet. */
export function createAt(address: string, bytes: Uint8Array, executable: boolean, parent: Folder): void {
  const fd = openSync(address, createNew, 0o644)
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
    if (executable) fchmodSync(fd, 0o755)
    ownLike(fd, fstatSync(parent.fd))
  } finally {
    closeSync(fd)
  }
}
