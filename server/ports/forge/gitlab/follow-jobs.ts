import type { BuildStatus } from "../../../../shared/build.ts"
import { cleanText } from "../../../lib/clean-text.ts"
import type { KeptJob, PipelineEvent, PipelineJob } from "../port.ts"
import type { GitLabClient } from "./client.ts"
import { GitLabError } from "./errors.ts"
import { isOutside, jobWords, waitsForRunner } from "./follow-words.ts"
import { jobIds, remoteJobOf } from "./jobs-id.ts"
import type { RemoteJob } from "./pipelines.ts"
import { isAtWork, readState } from "./states.ts"
import { Trace } from "./trace.ts"

/** So long a log may take to come. */
const traceMs = 120_000

interface Followed {
  id: string
  status: BuildStatus
  allowFailure: boolean
  /** That it began was told. */
  began: boolean
  /** Its log is told to the end. */
  told: boolean
  trace: Trace
  pendingSince: number | null
  noted: string | null
}

/** The jobs of a pipeline as they were told so far, and the events that tell the rest. */
export class FollowedJobs {
  readonly #known = new Map<number, Followed>()
  readonly #newId = jobIds()
  #planned = ""
  #events: PipelineEvent[] = []

  constructor(
    private readonly client: GitLabClient,
    private readonly remoteId: number,
    private readonly keep: readonly KeptJob[],
    /** So long a job waits before we say that there may be no runner. */
    private readonly runnerMs: number,
  ) {}

  /** Tells what is new; throws in the middle what GitLab could not answer, and goes on there the next time. */
  async *take(jobs: readonly RemoteJob[], signal: AbortSignal): AsyncGenerator<PipelineEvent> {
    const planned = jobs.map(({ id }) => id).join()
    for (const job of jobs) if (!this.#known.has(job.id)) this.#known.set(job.id, this.#follow(job))
    if (planned !== this.#planned) yield { type: "planned", jobs: jobs.map((job) => this.#view(job)) }
    this.#planned = planned
    for (const job of jobs) {
      const known = this.#known.get(job.id)
      if (known !== undefined) yield* this.#job(job, known, signal)
    }
  }

  /** The first plain line of what failed. */
  async failure(jobs: readonly RemoteJob[], signal: AbortSignal): Promise<string | null> {
    const failed = jobs.find((job) => job.status === "failed" && job.allow_failure !== true)
    if (failed === undefined) return null
    if (isOutside(failed)) return jobWords(failed)
    const known = this.#known.get(failed.id)
    // The log of a job that is kept from before was not read this time.
    if (known !== undefined) await known.trace.read(() => this.#open(failed.id, signal), true)
    this.#events = []
    return known?.trace.failure ?? jobWords(failed)
  }

  async *#job(job: RemoteJob, known: Followed, signal: AbortSignal): AsyncGenerator<PipelineEvent> {
    const { status, finished, unknown } = readState(job.status, job.started_at != null)
    const allowFailure = job.allow_failure === true
    const atWork = isAtWork(status)
    if (!known.began && (atWork || job.started_at != null)) {
      known.began = true
      Object.assign(known, { status: "running", allowFailure })
      yield { type: "job", jobId: known.id, status: "running", allowFailure, at: timeOf(job.started_at) }
    }
    this.#note(known, status, unknown)
    if (!known.told && known.began) {
      await known.trace.read(() => this.#open(job.id, signal), finished)
      known.told = finished
    }
    yield* this.#drain()
    if (known.status === status && known.allowFailure === allowFailure) return
    Object.assign(known, { status, allowFailure })
    yield {
      type: "job",
      jobId: known.id,
      status,
      allowFailure,
      at: timeOf(finished ? job.finished_at : job.started_at),
    }
  }

  /** What the log itself does not say. */
  #note(known: Followed, status: BuildStatus, unknown: string | null): void {
    if (unknown !== null && known.noted !== unknown) {
      known.noted = unknown
      known.trace.note(`GitLab calls the state of this check “${unknown}”.`)
    }
    if (status !== "pending") {
      known.pendingSince = null
      return
    }
    known.pendingSince ??= performance.now()
    if (known.noted !== null || performance.now() - known.pendingSince < this.runnerMs) return
    known.noted = waitsForRunner
    known.trace.note(waitsForRunner)
  }

  /** null: it has no log. */
  async #open(remoteJobId: number, signal: AbortSignal): Promise<Response | null> {
    try {
      const both = AbortSignal.any([signal, AbortSignal.timeout(traceMs)])
      return await this.client.open(`projects/${this.remoteId}/jobs/${remoteJobId}/trace`, both)
    } catch (error) {
      if (error instanceof GitLabError && ["missing", "forbidden"].includes(error.kind)) return null
      throw error
    }
  }

  #follow(job: RemoteJob): Followed {
    const kept = this.keep.find(({ id }) => remoteJobOf(id) === job.id)
    const id = kept?.id ?? this.#newId(job.id)
    const trace = new Trace((text) => this.#events.push({ type: "log", jobId: id, text }))
    const told = kept !== undefined
    const status = kept?.status ?? "created"
    const allowFailure = kept?.allowFailure ?? job.allow_failure === true
    return { id, status, allowFailure, began: told, told, trace, pendingSince: null, noted: null }
  }

  #view(job: RemoteJob): PipelineJob {
    const known = this.#known.get(job.id) ?? this.#follow(job)
    const { id, status, allowFailure } = known
    return {
      id,
      name: cleanText(job.name),
      stage: cleanText(job.stage ?? ""),
      status,
      allowFailure,
      interruptible: false,
      webUrl: job.web_url ?? null,
    }
  }

  *#drain(): Generator<PipelineEvent> {
    yield* this.#events.splice(0)
  }
}

function timeOf(time: string | null | undefined): Date {
  const at = new Date(time ?? Date.now())
  return Number.isNaN(at.getTime()) ? new Date() : at
}
