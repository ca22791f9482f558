import { type BuildStatus, finishedStatuses } from "../../../shared/build.ts"
import { type Services, systemCtx } from "../../context.ts"
import type { PipelineEvent, PipelineJob } from "../../ports/forge/port.ts"
import { appendEvents, type EventTx } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { projectChanged } from "../project/changed.ts"
import { publishIfFollowing } from "../version/publish.ts"
import { JobLogWriter } from "./job-log-writer.ts"
import { type BuildRow, cancelJobs, lockBuild, replaceJobs, updateBuild, updateJob } from "./store.ts"
import { buildView } from "./view.ts"

/** Writes down what a pipeline tells: rows and news in one transaction, logs in pieces. */
export class BuildRecord {
  readonly #logs: JobLogWriter
  #jobs: PipelineJob[] = []

  constructor(
    private readonly services: Services,
    private readonly build: Pick<BuildRow, "id" | "projectId" | "sha">,
    /** Why it was canceled, in plain words, when it was. */
    private readonly cancelWords: () => string | null,
  ) {
    this.#logs = new JobLogWriter(services, build.projectId, build.id)
  }

  /** Could GitLab end this build for a newer one? Only while every job that began allows it. */
  get interruptible(): boolean {
    return this.#jobs.every((job) => job.interruptible || ["created", "pending", "skipped"].includes(job.status))
  }

  /** The first step: the build is ours. False when it was canceled meanwhile, or is gone. */
  async begin(): Promise<boolean> {
    return inTransaction(this.services, async (tx) => {
      const row = await lockBuild(tx, this.build.id)
      if (row === null || row.finishedAt !== null) return false
      await this.#tell(tx, await updateBuild(tx, row.id, { status: "running", stage: null, error: null }))
      return true
    })
  }

  async take(event: PipelineEvent): Promise<void> {
    if (event.type === "log") {
      this.#logs.write(event.jobId, event.text)
      return
    }
    // What a job said comes before what became of it.
    await this.#logs.flush()
    if (event.type === "planned") await this.#planned(event.jobs)
    else if (event.type === "job") await this.#job(event)
    else await this.#finished(event.status, event.error)
  }

  close(): Promise<void> {
    return this.#logs.close()
  }

  async #planned(planned: PipelineJob[]): Promise<void> {
    this.#jobs = planned.map((job) => ({ ...job }))
    await inTransaction(this.services, async (tx) => {
      const rows = planned.map((job, position) => ({
        id: job.id,
        buildId: this.build.id,
        name: job.name,
        stage: job.stage,
        status: job.status,
        allowFailure: job.allowFailure,
        position,
      }))
      await replaceJobs(tx, this.build.id, rows)
      await this.#tell(tx, await updateBuild(tx, this.build.id, { stage: this.#stage }))
    })
  }

  async #job({ jobId, status, allowFailure, at }: Extract<PipelineEvent, { type: "job" }>): Promise<void> {
    const job = this.#jobs.find((planned) => planned.id === jobId)
    if (job !== undefined) job.status = status
    await inTransaction(this.services, async (tx) => {
      await updateJob(tx, jobId, {
        status,
        allowFailure,
        ...(status === "running" ? { startedAt: at } : {}),
        ...(finishedStatuses.includes(status) ? { finishedAt: at } : {}),
      })
      await this.#tell(tx, await updateBuild(tx, this.build.id, { stage: this.#stage }))
    })
  }

  /** The end: with it a green version goes live, in the same transaction. */
  async #finished(status: BuildStatus, error: string | null): Promise<void> {
    const { id, projectId, sha } = this.build
    const blocked = !finishedStatuses.includes(status)
    await inTransaction(this.services, async (tx) => {
      if (!blocked) await cancelJobs(tx, id)
      const row = await updateBuild(tx, id, {
        status,
        stage: null,
        error: status === "canceled" ? this.cancelWords() : error,
        finishedAt: blocked ? null : new Date(),
      })
      await this.#tell(tx, row)
      const ctx = systemCtx(this.services)
      if (status === "success") await publishIfFollowing(ctx, tx, projectId, sha)
      await projectChanged(ctx, tx, projectId)
    })
    if (status === "success") this.services.sandboxes.prepareLive(projectId)
  }

  async #tell(tx: EventTx, row: BuildRow | null): Promise<void> {
    if (row === null) throw new Error("the build is gone")
    const build = await buildView(tx, row)
    appendEvents(tx, row.projectId, [{ type: "build.changed", build }], { subjectId: row.id })
  }

  /** The stage that works now, else the one that comes next. */
  get #stage(): string | null {
    const working = this.#jobs.find((job) => job.status === "running" || job.status === "pending")
    return (working ?? this.#jobs.find((job) => job.status === "created"))?.stage ?? null
  }
}
