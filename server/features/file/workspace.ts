import { renameSync, unlinkSync } from "node:fs"
import { type FileEntry, type FileMatch, fileLimits } from "../../../shared/file.ts"
import { AppError } from "../../app-error.ts"
import { lineChanges, linesOf, type LineChanges } from "../../lib/line-changes.ts"
import { inParent } from "../../lib/tree/folder.ts"
import { readEntry, readTreeFile } from "../../lib/tree/read.ts"
import { pruneEmptyFolders } from "../../lib/tree/remove.ts"
import { replaceTreeFile } from "../../lib/tree/replace.ts"
import { walkTree } from "../../lib/tree/walk.ts"
import { assertRoom } from "./assert-room.ts"
import { checkPath, checkWritablePath } from "./check-path.ts"
import { matchLines, mostMatches } from "./match-lines.ts"
import { textOf } from "./text-of.ts"

export { checkPath } from "./check-path.ts"
export { seedWorkspace } from "./seed-workspace.ts"
export { workspaceRoot } from "./workspace-root.ts"

/** Writes a text file, whole or not at all. Line ends stay as they are given. */
export async function writeFile(root: string, path: string, text: string): Promise<LineChanges & { created: boolean }> {
  const normal = checkWritablePath(path)
  if (text.includes("\0"))
    throw new AppError("bad_input", `${normal}: the content holds a NUL character; only text can be written`)
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > fileLimits.writtenBytes) {
    throw new AppError(
      "too_large",
      `${normal} would have ${bytes.length} bytes; a file may have ${fileLimits.writtenBytes}. Split it`,
    )
  }
  const old = readTreeFile(root, normal, fileLimits.writtenBytes)
  const before = old !== null && "bytes" in old ? old.bytes : null
  const oldSize = old === null ? null : "size" in old ? old.size : old.bytes.length
  await assertRoom(root, normal, bytes.length, oldSize)
  const { created } = replaceTreeFile(root, normal, { bytes })
  return { ...lineChanges(before === null ? "" : (textOf(before) ?? ""), text), created }
}

/** The text of a file; null when there is none. */
export async function readFile(root: string, path: string): Promise<string | null> {
  const normal = checkPath(path)
  const file = readTreeFile(root, normal, fileLimits.writtenBytes)
  if (file === null) return null
  if ("size" in file) throw new AppError("too_large", `${normal} has ${file.size} bytes, too many to read`)
  const text = textOf(file.bytes)
  if (text === null) throw new AppError("bad_input", `${normal} is not a text file`)
  return text
}

/** Removes a file or a link, and the folders that it leaves empty. */
export async function deleteFile(root: string, path: string): Promise<{ removed: number }> {
  const normal = checkWritablePath(path)
  const removed = inParent(root, normal, false, (parent, name) => {
    const stat = parent.stat(name)
    if (stat === null) return null
    if (stat.isDirectory()) throw new AppError("bad_input", `${normal} is a folder; delete its files one by one`)
    const file = readEntry(parent, name, fileLimits.writtenBytes)
    unlinkSync(parent.at(name))
    return file !== null && "bytes" in file ? linesOf(textOf(file.bytes) ?? "").length : 0
  })
  if (removed === null) throw new AppError("not_found", `there is no file ${normal}`)
  pruneEmptyFolders(root, normal)
  return { removed }
}

/** Gives a file another path; refused when something is there. */
export async function renameFile(root: string, from: string, to: string): Promise<void> {
  const source = checkWritablePath(from)
  const target = checkWritablePath(to)
  if (source === target) return
  const done = inParent(root, source, false, (parent, name) => {
    const stat = parent.stat(name)
    if (stat === null) return null
    if (stat.isDirectory()) throw new AppError("bad_input", `${source} is a folder; rename its files one by one`)
    if (!stat.isFile()) throw new AppError("bad_input", `${source} is not an ordinary file`)
    return inParent(root, target, true, (into, newName) => {
      if (into.stat(newName) !== null) throw new AppError("bad_input", `${target} exists already; delete it first`)
      renameSync(parent.at(name), into.at(newName))
      return true
    })
  })
  if (done === null) throw new AppError("not_found", `there is no file ${source}`)
  pruneEmptyFolders(root, source)
}

/** The files of the project by path, without what its `.gitignore` leaves out. */
export async function listFiles(root: string): Promise<FileEntry[]> {
  const files: FileEntry[] = []
  for await (const { path, stat } of walkTree(root)) {
    if (stat.isFile()) files.push({ path, size: stat.size })
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Lines that hold the words, in any case, of the first files that have some. */
export async function searchFiles(root: string, query: string): Promise<FileMatch[]> {
  const matches: FileMatch[] = []
  for await (const { path, name, folder } of walkTree(root)) {
    const file = readEntry(folder, name, fileLimits.writtenBytes)
    if (file !== null && "bytes" in file) matchLines(matches, path, file.bytes, query)
    if (matches.length >= mostMatches) break
  }
  return matches
}
