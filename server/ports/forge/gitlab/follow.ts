import type { BuildStatus } from "../../../../shared/build.ts"
import { left, type PipelineEvent } from "../port.ts"
import type { GitLabClient } from "./client.ts"
import { GitLabError, type GitLabErrorKind } from "./errors.ts"
import { runAgain } from "./follow-again.ts"
import { type FollowInput, followTiming } from "./follow-input.ts"
import { FollowedJobs } from "./follow-jobs.ts"
import { type End, failed, gone, withoutPipeline } from "./follow-none.ts"
import { failedWords } from "./follow-words.ts"
import { cancelPipeline, findPushed, listJobs, type RemotePipeline, showPipeline } from "./pipelines.ts"
import { Poll } from "./poll.ts"
import { movesByItself, readState } from "./states.ts"

const standsStill: GitLabErrorKind[] = ["away", "limited", "unauthorized", "forbidden"]
const working = ["waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running", "canceling"]

/** Tells of the pipeline of a push until its end, however often GitLab does not answer meanwhile. */
export async function* followPipeline(client: GitLabClient, input: FollowInput): AsyncGenerator<PipelineEvent> {
  const timing = { ...followTiming, ...input.timing }
  const poll = new Poll(input.hint, timing, input.pace)
  const jobs = new FollowedJobs(client, input.remoteId, input.again?.keep ?? [], timing.runnerMs)
  const beganAt = performance.now()
  let again = input.again ?? null
  let pipelineId: number | null = null
  let signal = input.signal
  let canceled = false
  let refusedAt: number | null = null
  let abortedAt = 0
  let odd = 0
  let unsettled = 0
  let told = ""
  let shown: BuildStatus = "running"
  let waiting: string | null = null

  /** How it is, when that is news. A state that is an end comes with the end only. */
  function* pipelineNews(pipeline: RemotePipeline): Generator<PipelineEvent> {
    const { status, finished } = readState(pipeline.status, pipeline.started_at != null)
    if (!finished) shown = status
    const { id: number, ref, web_url: webUrl } = pipeline
    const event = { type: "pipeline", status: shown, number, branch: ref ?? input.ref, webUrl: webUrl ?? null } as const
    if (told === JSON.stringify(event)) return
    told = JSON.stringify(event)
    poll.changed()
    yield event
  }

  /** What is new; returns the end when it is there. */
  async function* look(): AsyncGenerator<PipelineEvent, End | null> {
    pipelineId ??= (await findPushed(client, input.remoteId, input, signal))?.id ?? null
    const at = { remoteId: input.remoteId, pipelineId: pipelineId ?? 0 }
    if (pipelineId === null) {
      if (input.signal.aborted) return performance.now() - abortedAt > Math.min(timing.cancelMs, 5_000) ? gone : null
      return withoutPipeline(client, input, timing, performance.now() - beganAt, signal)
    }
    if (input.signal.aborted && !canceled) {
      await cancelPipeline(client, at.remoteId, pipelineId, signal)
      canceled = true
    }
    if (again !== null && !canceled) await runAgain(client, at, again, signal)
    again = null
    const pipeline = await showPipeline(client, at.remoteId, pipelineId, signal)
    yield* pipelineNews(pipeline)
    const list = await listJobs(client, at.remoteId, pipelineId, signal)
    for await (const event of jobs.take(list, signal)) {
      poll.changed()
      yield event
    }
    const { status, unknown } = readState(pipeline.status)
    if (unknown !== null || movesByItself(status)) return null
    // GitLab reckons the pipeline's state after those of its jobs: while one moves it is not the last word.
    if (list.some((job) => working.includes(job.status)) && unsettled++ < 10) return null
    const error = status !== "failed" ? null : await jobs.failure(list, signal)
    return { type: "finished", status, error: error ?? (status === "failed" ? failedWords(pipeline, list) : null) }
  }

  /** The end when there is no use in asking again. */
  function trouble(error: GitLabError): End | null {
    if (error.kind === "away" || error.kind === "limited") return null
    if (error.kind === "unauthorized" || error.kind === "forbidden") {
      refusedAt ??= performance.now()
      return performance.now() - refusedAt > timing.refusedMs ? failed(error.message) : null
    }
    odd++
    if (odd < 4) return null
    return failed(error.kind === "missing" ? "GitLab does not have these checks any more" : error.message)
  }

  for (;;) {
    if (input.signal.aborted && signal === input.signal) {
      if (input.signal.reason === left) return
      signal = AbortSignal.timeout(timing.cancelMs)
      abortedAt = performance.now()
      poll.changed()
    }
    let end: End | null = null
    let askedMs = 0
    try {
      poll.look()
      end = yield* look()
      if (waiting !== null) yield { type: "waiting", words: null }
      waiting = null
      refusedAt = null
      odd = 0
    } catch (error) {
      if (!signal.aborted) {
        if (!(error instanceof GitLabError)) throw error
        end = trouble(error)
        askedMs = error.about.retryAfterMs ?? 0
        const words: string | null = end === null && standsStill.includes(error.kind) ? error.message : waiting
        if (words !== waiting) yield { type: "waiting", words }
        waiting = words
      }
    }
    if (end === null && signal !== input.signal && signal.aborted) end = gone
    if (end !== null) {
      yield end
      return
    }
    await poll.wait(signal, askedMs).catch(() => {})
  }
}
