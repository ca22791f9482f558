import { z } from "zod"
import { id, sha, time } from "./ids.ts"

/** GitLab's thirteen pipeline and job states. */
export const buildStatus = z.enum([
  "created",
  "waiting_for_resource",
  "preparing",
  "waiting_for_callback",
  "pending",
  "running",
  "success",
  "failed",
  "canceling",
  "canceled",
  "skipped",
  "manual",
  "scheduled",
])
export type BuildStatus = z.infer<typeof buildStatus>

/** States after which nothing more happens by itself. Blocked (manual, scheduled) is not finished. */
export const finishedStatuses: readonly BuildStatus[] = ["success", "failed", "canceled", "skipped"]

export const job = z.object({
  id,
  name: z.string(),
  stage: z.string(),
  status: buildStatus,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  /** Its page at the forge. */
  webUrl: z.string().nullable(),
})
export type Job = z.infer<typeof job>

export const build = z.object({
  id,
  sha,
  runId: id.nullable(),
  status: buildStatus,
  stage: z.string().nullable(),
  /** 0 to 1: the share of jobs that are finished. */
  progress: z.number(),
  jobs: z.array(job),
  /** The first plain line of what failed; while it is under way, why nothing moves. */
  error: z.string().nullable(),
  /** Its page at the forge. */
  webUrl: z.string().nullable(),
  /** Where the version was delivered to at the forge. */
  branch: z.string().nullable(),
  /** The image that it pushed to a registry. */
  image: z.string().nullable(),
  createdAt: time,
  finishedAt: time.nullable(),
})
export type Build = z.infer<typeof build>

export const buildListInput = z.object({ projectId: id, limit: z.int().min(1).max(100).default(30) })
export const buildInput = z.object({ projectId: id, buildId: id })
export const buildRetryInput = z.object({ projectId: id, buildId: id, jobId: id.optional() })
export const buildLogInput = z.object({
  projectId: id,
  buildId: id,
  jobId: id,
  /** Character offset to read from. */
  from: z.int().min(0).default(0),
})
export const buildLog = z.object({ text: z.string(), from: z.int(), next: z.int(), complete: z.boolean() })
export const artifact = z.object({
  jobId: id,
  name: z.string(),
  path: z.string(),
  size: z.int(),
  /** Address on this server that downloads the file. */
  url: z.string(),
})
export type Artifact = z.infer<typeof artifact>
