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
