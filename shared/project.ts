import { z } from "zod"
import { buildStatus } from "./build.ts"
import { id, sha, time } from "./ids.ts"

export const projectStatus = z.enum(["empty", "working", "checking", "ready", "failed"])
export type ProjectStatus = z.infer<typeof projectStatus>

/** Who may open the live app: everybody who has its address, or only the members of the project. */
export const liveAccess = z.enum(["public", "members"])
export type LiveAccess = z.infer<typeof liveAccess>

/** How versions reach the forge's main branch: at once, or by a merge request that somebody there merges. */
export const versionRoute = z.enum(["direct", "mergeRequest"])
export type VersionRoute = z.infer<typeof versionRoute>

/** Where the project is at the forge. */
export const projectForge = z.object({
  webUrl: z.string(),
  /** The main branch there. */
  branch: z.string(),
  /** The one that was opened last. */
  mergeRequest: z
    .object({ number: z.int(), branch: z.string(), webUrl: z.string(), state: z.enum(["opened", "merged", "closed"]) })
    .nullable(),
})
export type ProjectForge = z.infer<typeof projectForge>

export const project = z.object({
  id,
  title: z.string(),
  description: z.string(),
  /** DNS-safe, at most 40 characters, no `--`; null until the first title is set, never changed after. */
  slug: z.string().nullable(),
  template: z.string(),
  status: projectStatus,
  /** How the checks of the newest version are: `ready` and `failed` alone do not tell. */
  buildStatus: buildStatus.nullable(),
  messageCount: z.int(),
  draftUrl: z.string().nullable(),
  liveUrl: z.string().nullable(),
  liveSha: sha.nullable(),
  /** Live stays at `liveSha` until the newest version is published again. */
  pinned: z.boolean(),
  liveAccess,
  versionRoute,
  /** null: it is nowhere else, or not yet. */
  forge: projectForge.nullable(),
  createdAt: time,
  updatedAt: time,
})
export type Project = z.infer<typeof project>

const title = z.string().trim().min(1).max(300)
const description = z.string().trim().max(2000)

export const projectListInput = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.int().min(1).max(100).default(30),
  query: z.string().max(200).optional(),
})
export const projectCreateInput = z.object({
  id: id.optional(),
  title: title.optional(),
  description: description.optional(),
  template: z.string().max(60).optional(),
})
export const projectInput = z.object({ projectId: id })
export const projectUpdateInput = z.object({
  projectId: id,
  title: title.optional(),
  description: description.optional(),
  /** Only before the first version. */
  template: z.string().max(60).optional(),
  liveAccess: liveAccess.optional(),
  /** `mergeRequest` only where the forge has them. */
  versionRoute: versionRoute.optional(),
})
