import { type BuildStatus, finishedStatuses } from "../../../shared/build.ts"
import { type Services, systemCtx } from "../../context.ts"
import type { PipelineEvent, PipelineJob } from "../../ports/forge/port.ts"
import { holdProject } from "../chat/hold-project.ts"
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

  /** The first step: the build is ours. False when it was canceled meanwhile. */
  async begin(): Promise<boolean> {
    return this.#change(async (tx) => {
      const row = await lockBuild(tx, this.build.id)
      return row?.finishedAt === null ? updateBuild(tx, row.id, { status: "running", stage: null, error: null }) : null
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
    const rows = planned.map((job, position) => ({
      id: job.id,
      buildId: this.build.id,
      name: job.name,
      stage: job.stage,
      status: job.status,
      allowFailure: job.allowFailure,
      position,
    }))
    await this.#change(async (tx) => {
      await replaceJobs(tx, this.build.id, rows)
      return updateBuild(tx, this.build.id, { stage: this.#stage })
    })
  }

  async #job({ jobId, status, allowFailure, at }: Extract<PipelineEvent, { type: "job" }>): Promise<void> {
    const job = this.#jobs.find((planned) => planned.id === jobId)
    if (job !== undefined) job.status = status
    await this.#change(async (tx) => {
      await updateJob(tx, jobId, {
        status,
        allowFailure,
        ...(status === "running" ? { startedAt: at } : {}),
        ...(finishedStatuses.includes(status) ? { finishedAt: at } : {}),
      })
      return updateBuild(tx, this.build.id, { stage: this.#stage })
    })
  }

  /** The end: with it a green version goes live, in the same transaction. */
  async #finished(status: BuildStatus, error: string | null): Promise<void> {
    const { id, projectId, sha } = this.build
    const blocked = !finishedStatuses.includes(status)
    const end = {
      status,
      stage: null,
      error: status === "canceled" ? this.cancelWords() : error,
      finishedAt: blocked ? null : new Date(),
    }
    const ctx = systemCtx(this.services)
    await this.#change(
      async (tx) => {
        if (!blocked) await cancelJobs(tx, id)
        return updateBuild(tx, id, end)
      },
      async (tx) => {
        if (status === "success") await publishIfFollowing(ctx, tx, projectId, sha)
        await projectChanged(ctx, tx, projectId)
      },
    )
    if (status === "success") this.services.sandboxes.prepareLive(projectId)
  }

  /** Changes the build and tells of it; `more` follows in the same transaction. False when there is no build to change. */
  async #change(
    work: (tx: EventTx) => Promise<BuildRow | null>,
    more: (tx: EventTx) => Promise<void> = async () => {},
  ): Promise<boolean> {
    const { projectId } = this.build
    return inTransaction(this.services, async (tx) => {
      await holdProject(tx, projectId)
      const row = await work(tx)
      if (row === null) return false
      const build = await buildView(tx, row)
      appendEvents(tx, projectId, [{ type: "build.changed", build }], { subjectId: row.id })
      await more(tx)
      return true
    })
  }

  /** The stage that works now, else the one that comes next. */
  get #stage(): string | null {
    const working = this.#jobs.find((job) => job.status === "running" || job.status === "pending")
    return (working ?? this.#jobs.find((job) => job.status === "created"))?.stage ?? null
  }
}
