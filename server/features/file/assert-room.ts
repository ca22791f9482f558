import { fileLimits } from "../../../shared/file.ts"
import { AppError } from "../../app-error.ts"
import { isIgnored } from "../../lib/tree/ignores.ts"
import { walkTree } from "../../lib/tree/walk.ts"

/**
 * Throws when one more file, or more bytes, would pass the limits of a project; `oldSize` null means a new file.
 * What `.gitignore` leaves out (built output) counts only for a file that is itself left out.
 */
export async function assertRoom(root: string, path: string, size: number, oldSize: number | null): Promise<void> {
  if (oldSize !== null && size <= oldSize) return
  let files = oldSize === null ? 1 : 0
  let bytes = size - (oldSize ?? 0)
  const ignored = isIgnored(root, path)
  for await (const found of walkTree(root, { ignored })) {
    files++
    bytes += found.stat.size
    if (files > fileLimits.files) {
      throw new AppError(
        "too_large",
        `${path}: the project has ${fileLimits.files} files, which is the most; delete some first`,
      )
    }
    if (bytes > fileLimits.treeBytes) {
      throw new AppError(
        "too_large",
        `${path}: the project would be larger than ${fileLimits.treeBytes} bytes; delete something first`,
      )
    }
  }
}

/** Why what a command left is too much for a version, in words that a model can act on; null when it is not. */
export async function roomProblem(root: string): Promise<string | null> {
  let files = 0
  let bytes = 0
  for await (const { stat } of walkTree(root)) {
    if (stat.size > fileLimits.versionedBytes) continue
    files++
    bytes += stat.size
  }
  if (files <= fileLimits.files && bytes <= fileLimits.treeBytes) return null
  return `The project now has ${files} files with ${bytes} bytes; the most is ${fileLimits.files} files and ${fileLimits.treeBytes} bytes, and no version is made of more. Delete what is not part of the app, or add it to .gitignore.`
}

/** Throws when a work tree is too much for a version. */
export async function assertFits(root: string): Promise<void> {
  const problem = await roomProblem(root)
  if (problem !== null) throw new AppError("too_large", problem)
}
