import { type BuildStatus, finishedStatuses } from "../../../../shared/build.ts"
import { newId } from "../../../lib/ids.ts"
import { jobBody, pipelineBody } from "../hooks/pipeline-body.ts"
import { type Job, type Pipeline, pipelinesOf, type Project, type World } from "../world.ts"
import { compositeStatus } from "./composite.ts"
import { newJob } from "./new-job.ts"
import { readConfig } from "./read-config.ts"
import { runPipeline } from "./run-pipeline.ts"
import { Runner } from "./runner.ts"

export interface NewPipeline {
  sha: string
  before: string
  ref: string
  source: string
  /** The message said `[skip ci]`. */
  skipped: boolean
  variables: { key: string; value: string }[]
}

export const missingConfig = "Missing CI config file"
export const nothingToRun =
  "Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline."

/** Makes pipelines, lets them run, and tells hooks of each change. */
export class PipelineEngine {
  readonly runner: Runner
  readonly #runs = new Map<number, { controller: AbortController; done: Promise<void> }>()

  constructor(private readonly world: () => World) {
    this.runner = new Runner(world)
  }

  /** The pipeline of a commit. A text says why there is none. */
  async create(project: Project, input: NewPipeline): Promise<Pipeline | string> {
    const buildId = newId()
    const plan = await readConfig(this.world(), project, { ...input, buildId })
    if (plan === null && !project.autoDevOps) return missingConfig
    if (Array.isArray(plan) && plan.length === 0) return nothingToRun
    if (typeof plan === "string" && input.source === "api") return plan
    const pipeline = this.#blank(project, input, buildId)
    if (plan === null) {
      // Auto DevOps: jobs that nobody asked for.
      pipeline.jobs = ["build", "test"].map((name) => newJob(this.world(), { name, stage: name }))
    } else if (typeof plan === "string") {
      pipeline.yamlErrors = plan
    } else if (!input.skipped) {
      pipeline.jobs = plan.map(({ name, stage, when, allowFailure }) =>
        newJob(this.world(), { name, stage, manual: when === "manual", allowFailure: allowFailure.allowed }),
      )
    }
    pipeline.stages = [...new Set(pipeline.jobs.map(({ stage }) => stage))]
    this.world().pipelines.set(pipeline.id, pipeline)
    if (pipeline.yamlErrors !== null || input.skipped) {
      this.setStatus(pipeline, input.skipped ? "skipped" : "failed")
      return pipeline
    }
    for (const job of pipeline.jobs) this.#tellJob(project, pipeline, job)
    this.tell(pipeline)
    if (project.pipelines === "runner") this.#begin(project, pipeline, plan === null)
    return pipeline
  }

  /** A job's new state; the pipeline's follows. */
  set(pipeline: Pipeline, job: Job, status: BuildStatus, failureReason?: string): void {
    if (job.status === status) return
    const now = new Date()
    job.status = status
    if (status === "running") job.startedAt = now
    job.finishedAt = finishedStatuses.includes(status) ? now : null
    job.failureReason = status === "failed" ? (failureReason ?? "script_failure") : null
    const project = this.world().projects.get(pipeline.projectId)
    if (project !== undefined) this.#tellJob(project, pipeline, job)
    this.setStatus(pipeline, compositeStatus(pipeline.jobs.filter((job) => !job.retried)))
  }

  /** A pipeline's state, also one that its jobs do not give. */
  setStatus(pipeline: Pipeline, status: BuildStatus): void {
    const now = new Date()
    pipeline.updatedAt = now
    if (pipeline.status === status) return
    pipeline.status = status
    if (status === "running") pipeline.startedAt ??= now
    pipeline.finishedAt = finishedStatuses.includes(status) ? now : null
    this.tell(pipeline)
  }

  /** Jobs run again under new ids; what was left out because of them waits again. */
  retry(project: Project, pipeline: Pipeline, only?: Job): Job | null {
    const again = pipeline.jobs.filter(
      (job) => !job.retried && (only === undefined ? ["failed", "canceled"].includes(job.status) : job === only),
    )
    let made: Job | null = null
    for (const job of again) {
      made = newJob(this.world(), job)
      job.retried = true
      pipeline.jobs.push(made)
    }
    for (const job of pipeline.jobs) if (!job.retried && job.status === "skipped") job.status = "created"
    pipeline.finishedAt = null
    if (made !== null) this.#restart(project, pipeline, [], again.map(({ name }) => name)) // prettier-ignore
    return made
  }

  play(project: Project, pipeline: Pipeline, job: Job): void {
    this.set(pipeline, job, "pending")
    if (project.pipelines === "runner") this.#restart(project, pipeline, [job.name], [])
  }

  /** Asynchronous as GitLab's: what runs is `canceling` until the runner let go; in a script the test says when. */
  cancel(pipeline: Pipeline, only?: Job): void {
    for (const job of pipeline.jobs) {
      if (job.retried || finishedStatuses.includes(job.status) || (only !== undefined && job !== only)) continue
      this.set(pipeline, job, job.status === "running" ? "canceling" : "canceled")
    }
    this.#runs.get(pipeline.id)?.controller.abort()
  }

  /** No pipeline runs at the runner. */
  get quiet(): boolean {
    return this.#runs.size === 0
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    for (const { controller } of this.#runs.values()) controller.abort()
    await Promise.all([...this.#runs.values()].map(({ done }) => done))
    await this.runner.close()
  }

  #restart(project: Project, pipeline: Pipeline, play: string[], pending: string[]): void {
    for (const job of pipeline.jobs) {
      if (!job.retried && pending.includes(job.name) && job.status === "created") this.set(pipeline, job, "pending")
    }
    this.setStatus(pipeline, compositeStatus(pipeline.jobs.filter((job) => !job.retried)))
    if (project.pipelines === "runner" && this.world().settings.runner) this.#run(project, pipeline, play)
  }

  #begin(project: Project, pipeline: Pipeline, stuck: boolean): void {
    for (const job of pipeline.jobs) {
      if (job.stage === pipeline.stages[0] && !job.manual) this.set(pipeline, job, "pending")
    }
    if (this.world().settings.runner && !stuck) this.#run(project, pipeline, [])
  }

  #run(project: Project, pipeline: Pipeline, play: string[]): void {
    const before = this.#runs.get(pipeline.id)?.done ?? Promise.resolve()
    const controller = new AbortController()
    const done = before
      .then(() => runPipeline(this, project, pipeline, play, controller.signal))
      .catch((error: unknown) => this.world().fault(error))
    const run = { controller, done }
    this.#runs.set(pipeline.id, run)
    void done.finally(() => {
      if (this.#runs.get(pipeline.id) === run) this.#runs.delete(pipeline.id)
    })
  }

  #blank(project: Project, input: NewPipeline, buildId: string): Pipeline {
    return {
      id: this.world().nextId(),
      iid: pipelinesOf(this.world(), project.id).length + 1,
      projectId: project.id,
      buildId,
      sha: input.sha,
      beforeSha: input.before,
      ref: input.ref,
      source: input.source,
      status: "created",
      yamlErrors: null,
      stages: [],
      variables: input.variables,
      jobs: [],
      createdAt: new Date(),
      updatedAt: new Date(),
      startedAt: null,
      finishedAt: null,
    }
  }

  /** A pipeline hook, whether something changed or not. */
  tell(pipeline: Pipeline): void {
    const project = this.world().projects.get(pipeline.projectId)
    if (project === undefined) return
    this.world().center.emit(project.id, "pipeline", () => pipelineBody(this.world(), project, pipeline))
  }

  #tellJob(project: Project, pipeline: Pipeline, job: Job): void {
    this.world().center.emit(project.id, "build", () => jobBody(this.world(), project, pipeline, job))
  }
}
