import type { KeptJob } from "../port.ts"
import type { GitLabClient } from "./client.ts"
import { GitLabError } from "./errors.ts"
import { remoteJobOf } from "./jobs-id.ts"
import { listJobs, playJob, retryJob } from "./pipelines.ts"
import { readState } from "./states.ts"

/**
 * Lets GitLab run again what is not kept, and starts the manual jobs in `play`. Done twice it does the same as once:
 * what already runs again, or was started, is left alone.
 */
export async function runAgain(
  client: GitLabClient,
  at: { remoteId: number; pipelineId: number },
  { keep, play }: { keep: readonly KeptJob[]; play: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const kept = new Set(keep.map(({ id }) => remoteJobOf(id)))
  for (const job of await listJobs(client, at.remoteId, at.pipelineId, signal)) {
    if (kept.has(job.id)) continue
    const { status, finished } = readState(job.status)
    if (play.includes(job.name)) {
      // Somebody may have started it at GitLab meanwhile: then it is not run a second time.
      const waits = status === "manual" || status === "scheduled"
      if (waits) await unlessDone(playJob(client, at.remoteId, job.id, signal))
    } else if (finished && status !== "skipped") await unlessDone(retryJob(client, at.remoteId, job.id, signal))
  }
}

/** Somebody else was faster, or an answer before was lost. */
async function unlessDone(asked: Promise<unknown>): Promise<void> {
  try {
    await asked
  } catch (error) {
    const done = error instanceof GitLabError && /not retryable|unplayable/i.test(error.detail)
    if (!done) throw error
  }
}
