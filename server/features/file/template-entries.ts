import type { WantedFile } from "../../lib/tree/sync.ts"
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
