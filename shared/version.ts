import { z } from "zod"
import { buildStatus } from "./build.ts"
import { id, sha, time } from "./ids.ts"

export const version = z.object({
  sha,
  number: z.int(),
  title: z.string(),
  runId: id.nullable(),
  files: z.int(),
  added: z.int(),
  removed: z.int(),
  buildStatus: buildStatus.nullable(),
  live: z.boolean(),
  /** Its page at the forge. */
  webUrl: z.string().nullable(),
  createdAt: time,
})
export type Version = z.infer<typeof version>

export const fileChange = z.object({
  path: z.string(),
  /** The path before a rename. */
  oldPath: z.string().nullable(),
  change: z.enum(["added", "modified", "deleted", "renamed"]),
  added: z.int(),
  removed: z.int(),
  binary: z.boolean(),
  /** Unified diff of this file, cut at 200,000 characters. */
  patch: z.string(),
})
export type FileChange = z.infer<typeof fileChange>

export const versionListInput = z.object({
  projectId: id,
  before: z.int().optional(),
  limit: z.int().min(1).max(100).default(50),
})
export const versionInput = z.object({ projectId: id, sha })
/** Without `base` the diff is against the version before. */
export const versionDiffInput = z.object({ projectId: id, sha, base: sha.optional() })
export const versionUnpinInput = z.object({ projectId: id })
export const versionKeepInput = z.object({ projectId: id, runId: id })
