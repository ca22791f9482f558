import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { AppError } from "../../app-error.ts"
import { codeOf, type Folder, inParent } from "./folder.ts"

/** Never follows a link, never waits for a pipe, never opens a device for what opening it does. */
const openToRead = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

export interface RegularFile {
  bytes: Uint8Array
  executable: boolean
}

/** An entry of an open folder: its bytes, its size when it is larger than `most`, null when it is no regular file. */
export function readEntry(folder: Folder, name: string, most: number): RegularFile | { size: number } | null {
  if (folder.stat(name)?.isFile() !== true) return null
  let fd: number
  try {
    fd = openSync(folder.at(name), openToRead)
  } catch (error) {
    if (["ENOENT", "ELOOP", "ENXIO", "EACCES", "EPERM"].includes(codeOf(error) ?? "")) return null
    throw error
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) return null
    if (stat.size > most) return { size: stat.size }
    const bytes = new Uint8Array(stat.size)
    let filled = 0
    while (filled < bytes.length) {
      const read = readSync(fd, bytes, filled, bytes.length - filled, filled)
      if (read === 0) break
      filled += read
    }
    return { bytes: bytes.subarray(0, filled), executable: (stat.mode & 0o100) !== 0 }
  } finally {
    closeSync(fd)
  }
}

/** A file of a tree by its checked path; null when there is none. */
export function readTreeFile(root: string, path: string, most: number): RegularFile | { size: number } | null {
  return inParent(root, path, false, (parent, name) => {
    const stat = parent.stat(name)
    if (stat === null) return null
    if (stat.isDirectory()) throw new AppError("bad_input", `${path} is a folder, not a file`)
    if (stat.isSymbolicLink()) throw new AppError("bad_input", `${path} is a link; links are not followed`)
    if (!stat.isFile()) throw new AppError("bad_input", `${path} is not an ordinary file`)
    return readEntry(parent, name, most)
  })
}
