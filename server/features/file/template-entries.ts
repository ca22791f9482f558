import { readEntry } from "../../lib/tree/read.ts"
import type { WantedFile } from "../../lib/tree/sync.ts"
import { walkTree } from "../../lib/tree/walk.ts"
import { templateFiles } from "../project/templates.ts"

/** The files of a starter, as a tree that a workspace can be made to hold. */
export function templateEntries(templateName: string): WantedFile[] {
  const wanted: WantedFile[] = []
  for (const { path, bytes } of templateFiles(templateName)) {
    wanted.push({
      path,
      size: bytes.length,
      executable: false,
      isSame: (there) => Buffer.from(bytes).equals(there),
      read: () => Promise.resolve(bytes),
    })
  }
  return wanted
}

/** Does the workspace hold the starter and nothing else? */
export async function isUntouched(root: string, templateName: string): Promise<boolean> {
  const wanted = new Map(templateEntries(templateName).map((file) => [file.path, file]))
  let same = 0
  for await (const { path, name, folder, stat } of walkTree(root)) {
    const file = wanted.get(path)
    if (file === undefined || stat.size !== file.size) return false
    const there = readEntry(folder, name, file.size)
    if (there === null || "size" in there || !file.isSame(there.bytes)) return false
    same++
  }
  return same === 0 || same === wanted.size
}
