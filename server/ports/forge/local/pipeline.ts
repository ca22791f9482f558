import { join } from "node:path"
import type { BuildStatus } from "../../../../shared/build.ts"
import { newId } from "../../../lib/ids.ts"
import type { Repository } from "../../repository/port.ts"
import type { ImageSource, Sandbox } from "../../sandbox/port.ts"
import type { PipelineEvent, PipelineInput } from "../port.ts"
import type { Artifacts } from "./artifacts.ts"
import { JobLog } from "../job-log.ts"
import type { PlannedJob } from "./plan.ts"
import { type JobLimits, type JobOutcome, runJob } from "./run-job.ts"
import { composite, type JobState, nextMoves } from "./schedule.ts"

export interface PipelineWork {
  input: PipelineInput
  jobs: readonly PlannedJob[]
  /** Folder of the build. */
  folder: string
  artifacts: Artifacts
  repository: Repository
  sandbox: Sandbox
  imageOf: (root: string) => Promise<ImageSource | null>
  limits: JobLimits
  /** Jobs that run at once. */
  parallel: number
  emit: (event: PipelineEvent) => void
  signal: AbortSignal
}

/** Runs the jobs of a plan: by stages or needs, a few at once, until nothing can begin any more. */
export class Pipeline {
  readonly #states = new Map<string, JobState>()
  readonly #ids = new Map<string, string>()
  readonly #waiting: PlannedJob[] = []
  readonly #running = new Set<Promise<void>>()
  #error: string | null = null

  constructor(private readonly work: PipelineWork) {
    for (const job of work.jobs) {
      const kept = work.input.keep.find((earlier) => earlier.name === job.name)
      this.#ids.set(job.name, kept?.id ?? newId())
      this.#states.set(job.name, {
        status: kept?.status ?? "created",
        allowFailure: kept?.allowFailure ?? job.allowFailure.allowed,
      })
    }
  }

  async run(): Promise<void> {
    const { jobs, emit, signal } = this.work
    emit({
      type: "planned",
      jobs: jobs.map((job) => ({
        id: this.#id(job),
        name: job.name,
        stage: job.stage,
        status: this.#state(job).status,
        allowFailure: this.#state(job).allowFailure,
        interruptible: job.interruptible,
        webUrl: null,
      })),
    })
    while (!signal.aborted) {
      this.#decide()
      this.#launch()
      if (this.#running.size === 0) break
      await Promise.race(this.#running)
    }
    await Promise.all(this.#running)
    if (signal.aborted) this.#cancelRest()
    const status = signal.aborted ? "canceled" : (composite([...this.#states.values()]) ?? "skipped")
    emit({ type: "finished", status, error: status === "failed" ? (this.#error ?? "A check did not succeed") : null })
  }

  #decide(): void {
    for (;;) {
      const moves = nextMoves(this.work.jobs, this.#states, this.work.input.play)
      if (moves.length === 0) return
      for (const { job, move } of moves) {
        if (move === "run") {
          // Told only when it really waits: mostly there is a free place.
          this.#state(job).status = "pending"
          this.#waiting.push(job)
        } else this.#set(job, move === "skip" ? "skipped" : "manual")
      }
    }
  }

  #launch(): void {
    while (this.#running.size < this.work.parallel) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      const running: Promise<void> = this.#runJob(job).finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
    for (const job of this.#waiting) this.#set(job, "pending")
  }

  async #runJob(job: PlannedJob): Promise<void> {
    const { work } = this
    const jobId = this.#id(job)
    this.#set(job, "running")
    const outcome = await runJob({
      input: work.input,
      job,
      jobId,
      from: work.jobs
        .filter((other) => job.artifactsFrom.includes(other.name))
        .map((other) => ({ id: this.#id(other), name: other.name })),
      folder: join(work.folder, jobId),
      artifacts: work.artifacts,
      repository: work.repository,
      sandbox: work.sandbox,
      imageOf: work.imageOf,
      log: new JobLog((text) => work.emit({ type: "log", jobId, text })),
      limits: work.limits,
      signal: work.signal,
    })
    this.#settle(job, outcome)
  }

  #settle(job: PlannedJob, outcome: JobOutcome): void {
    const state = this.#state(job)
    if (outcome.status === "failed") {
      const codes = job.allowFailure.exitCodes
      if (codes !== null) state.allowFailure = outcome.exitCode !== null && codes.includes(outcome.exitCode)
      if (!state.allowFailure) this.#error ??= outcome.error
    }
    this.#set(job, outcome.status)
  }

  #cancelRest(): void {
    for (const job of this.work.jobs) {
      if (["created", "pending", "running"].includes(this.#state(job).status)) this.#set(job, "canceled")
    }
  }

  #set(job: PlannedJob, status: BuildStatus): void {
    const state = this.#state(job)
    state.status = status
    const { allowFailure } = state
    this.work.emit({ type: "job", jobId: this.#id(job), status, allowFailure, at: new Date() })
  }

  #state(job: PlannedJob): JobState {
    const state = this.#states.get(job.name)
    if (state === undefined) throw new Error(`no state of job ${job.name}`)
    return state
  }

  #id(job: PlannedJob): string {
    const id = this.#ids.get(job.name)
    if (id === undefined) throw new Error(`no id of job ${job.name}`)
    return id
  }
}
