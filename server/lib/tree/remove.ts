import { readdirSync, rmdirSync, unlinkSync } from "node:fs"
import { codeOf, type Folder, inParent } from "./folder.ts"

/** Removes an entry of an open folder with all that is in it; a link goes, what it points to stays. */
export function removeEntry(folder: Folder, name: string): void {
  const stat = folder.stat(name)
  if (stat === null) return
  if (!stat.isDirectory()) return unlinkSync(folder.at(name))
  {
    using inner = folder.open(name)
    for (const entry of readdirSync(inner.self)) removeEntry(inner, entry)
  }
  rmdirSync(folder.at(name))
}

/** Removes the folders above a path that its removal left empty, up to the root. */
export function pruneEmptyFolders(root: string, path: string): void {
  const segments = path.split("/").slice(0, -1)
  for (; segments.length > 0; segments.pop()) {
    try {
      inParent(root, segments.join("/"), false, (parent, name) => rmdirSync(parent.at(name)))
    } catch (error) {
      if (["ENOTEMPTY", "EEXIST", "EBUSY", "EACCES", "ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return
      throw error
    }
  }
}
