import { z } from "zod"
import type { GitLabApi, GitLabClient } from "./client.ts"

const pipelineShape = z.object({
  id: z.number(),
  sha: z.string(),
  ref: z.string().nullish(),
  status: z.string(),
  source: z.string().nullish(),
  web_url: z.string().nullish(),
  yaml_errors: z.string().nullish(),
  started_at: z.string().nullish(),
})
export type RemotePipeline = z.infer<typeof pipelineShape>

const jobShape = z.object({
  id: z.number(),
  name: z.string(),
  stage: z.string().nullish(),
  status: z.string(),
  allow_failure: z.boolean().nullish(),
  failure_reason: z.string().nullish(),
  web_url: z.string().nullish(),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
  artifacts_file: z.object({ filename: z.string().nullish(), size: z.number().nullish() }).nullish(),
})
export type RemoteJob = z.infer<typeof jobShape>

const pages = { perPage: 100, maxPages: 10 } as const
/** Each step of each job is news with all jobs in it: somebody's file with thousands shall not cost thousands of thousands. */
const mostJobs = 200

/** What branches of ours begin with. */
export const branchPrefix = "gochat/"

/** Pipelines of a sha that were made for somebody else: a fork's merge request, another pipeline. */
const foreign = ["merge_request_event", "external_pull_request_event", "parent_pipeline", "pipeline", "ondemand_dast_scan"] // prettier-ignore

/**
 * The pipeline that a push of `sha` to the branch `ref` made; one that a person started for it when there is no other.
 * The newest of them: it is what GitLab shows as the state of that branch. A version that was merged meanwhile has the
 * one of its own branch.
 */
export async function findPushed(
  client: GitLabClient,
  remoteId: number,
  { sha, ref }: { sha: string; ref: string },
  signal?: AbortSignal,
): Promise<RemotePipeline | null> {
  const ask = (api: GitLabApi) => api.Pipelines.all(remoteId, { sha, perPage: 100, maxPages: 1 })
  const listed = await client.ask(z.array(pipelineShape), ask, signal)
  const ours = listed
    .filter((pipeline) => pipeline.sha === sha && !foreign.includes(pipeline.source ?? ""))
    .sort((a, b) => b.id - a.id)
  const there = ours.filter((pipeline) => (pipeline.ref ?? ref) === ref)
  const elsewhere = ours.filter((pipeline) => pipeline.ref?.startsWith(branchPrefix) === true)
  for (const some of [there, elsewhere]) {
    const found = some.find(({ source }) => source === "push") ?? some[0]
    if (found !== undefined) return found
  }
  return null
}

export const showPipeline = (client: GitLabClient, remoteId: number, pipelineId: number, signal?: AbortSignal) =>
  client.ask(pipelineShape, (api) => api.Pipelines.show(remoteId, pipelineId), signal)

/** The newest attempt of each job, in the order in which their first attempts were made; of very many the first ones. */
export async function listJobs(
  client: GitLabClient,
  remoteId: number,
  pipelineId: number,
  signal?: AbortSignal,
): Promise<RemoteJob[]> {
  const ask = (api: GitLabApi) => api.Jobs.all(remoteId, { pipelineId, includeRetried: true, ...pages })
  const jobs = await client.ask(z.array(jobShape), ask, signal)
  const newest = new Map<string, RemoteJob>()
  for (const job of jobs.toSorted((a, b) => a.id - b.id)) newest.set(job.name, job)
  return [...newest.values()].slice(0, mostJobs)
}

/** GitLab ends what runs some time later; until then it is `canceling`. */
export const cancelPipeline = (client: GitLabClient, remoteId: number, pipelineId: number, signal?: AbortSignal) =>
  client.ask(z.unknown(), (api) => api.Pipelines.cancel(remoteId, pipelineId), signal)

/** The job runs again, under a new number that is greater. */
export const retryJob = (client: GitLabClient, remoteId: number, jobId: number, signal?: AbortSignal) =>
  client.ask(jobShape, (api) => api.Jobs.retry(remoteId, jobId), signal)

/** Starts a manual job, or one that waits for its time. */
export const playJob = (client: GitLabClient, remoteId: number, jobId: number, signal?: AbortSignal) =>
  client.ask(jobShape, (api) => api.Jobs.play(remoteId, jobId), signal)
