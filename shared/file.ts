import { z } from "zod"
import { id } from "./ids.ts"

export const fileEntry = z.object({ path: z.string(), size: z.int() })
export type FileEntry = z.infer<typeof fileEntry>

/** A branch, tag or commit; without it the workspace as it is now. */
export const ref = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,119}$/, "not the name of a version")
const path = z.string().min(1).max(1000)

export const fileTreeInput = z.object({ projectId: id, ref: ref.optional() })
export const fileReadInput = z.object({ projectId: id, ref: ref.optional(), path })
export const fileContent = z.object({
  path: z.string(),
  size: z.int(),
  /** null when the file is not text or larger than the written-file limit. */
  content: z.string().nullable(),
})
export type FileContent = z.infer<typeof fileContent>
export const fileWriteInput = z.object({ projectId: id, path, content: z.string() })
export const fileSearchInput = z.object({ projectId: id, ref: ref.optional(), query: z.string().min(1).max(200) })
export const fileMatch = z.object({ path: z.string(), line: z.int(), text: z.string() })
export type FileMatch = z.infer<typeof fileMatch>

/** Laid down in `system.info.limits`. A file of more than `versionedBytes` stays out of the versions. */
export const fileLimits = {
  writtenBytes: 1_000_000,
  versionedBytes: 25_000_000,
  files: 2_000,
  treeBytes: 100_000_000,
} as const
