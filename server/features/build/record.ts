import { finishedStatuses } from "../../../shared/build.ts"
import { type Services, systemCtx } from "../../context.ts"
import type { PipelineEvent, PipelineJob } from "../../ports/forge/port.ts"
import { holdProject } from "../chat/hold-project.ts"
import { appendEvents, type EventTx } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { isMerged } from "../forge/is-merged.ts"
import { projectChanged } from "../project/changed.ts"
import { publishIfFollowing } from "../version/publish.ts"
import { JobLogWriter } from "./job-log-writer.ts"
import { type BuildRow, cancelJobs, findBuild, lockBuild, replaceJobs, updateBuild, updateJob } from "./store.ts"
import { buildView } from "./view.ts"

/** Writes down what a pipeline tells: rows and news in one transaction, logs in pieces. */
export class BuildRecord {
  readonly #logs: JobLogWriter
  #jobs: PipelineJob[] = []
  /** It waits for its time. */
  #blocked = false

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

  /** The first step. False when it ended meanwhile, or waits for a person: then there is nothing to follow. */
  async begin(): Promise<boolean> {
    const row = await findBuild(this.services.db, this.build.projectId, this.build.id)
    return row?.finishedAt === null && row.status !== "manual"
  }

  /** False when the build is over already, by somebody else's doing: nothing was written. */
  async take(event: Exclude<PipelineEvent, { type: "moved" }>): Promise<boolean> {
    if (event.type === "log") {
      this.#logs.write(event.jobId, event.text)
      return true
    }
    // What a job said comes before what became of it.
    await this.#logs.flush()
    switch (event.type) {
      case "pipeline":
        return this.#pipeline(event)
      case "waiting":
        return this.#change(async (tx) => updateBuild(tx, this.build.id, { error: event.words }))
      case "planned":
        return this.#planned(event.jobs)
      case "job":
        return this.#job(event)
      case "finished":
        return this.#finished(event)
    }
  }

  close(): Promise<void> {
    return this.#logs.close()
  }

  async #pipeline({ status, number, branch, webUrl }: Extract<PipelineEvent, { type: "pipeline" }>): Promise<boolean> {
    // How it ended, or that it waits for a person, comes with the end: until then somebody follows it.
    const now = finishedStatuses.includes(status) || status === "manual" ? {} : { status }
    const facts = { ...now, pipeline: number, branch, webUrl, again: false, error: null }
    const blocked = status === "scheduled"
    return this.#change(
      async (tx) => updateBuild(tx, this.build.id, facts),
      async (tx) => {
        // The project says so, too.
        if (blocked !== this.#blocked) await projectChanged(systemCtx(this.services), tx, this.build.projectId)
        this.#blocked = blocked
      },
    )
  }

  async #planned(planned: PipelineJob[]): Promise<boolean> {
    this.#jobs = planned.map((job) => ({ ...job }))
    const rows = planned.map((job, position) => ({
      id: job.id,
      buildId: this.build.id,
      name: job.name,
      stage: job.stage,
      status: job.status,
      allowFailure: job.allowFailure,
      webUrl: job.webUrl,
      position,
    }))
    return this.#change(async (tx) => {
      await replaceJobs(tx, this.build.id, rows)
      return updateBuild(tx, this.build.id, { stage: this.#stage })
    })
  }

  async #job({ jobId, status, allowFailure, at }: Extract<PipelineEvent, { type: "job" }>): Promise<boolean> {
    const job = this.#jobs.find((planned) => planned.id === jobId)
    if (job !== undefined) job.status = status
    return this.#change(async (tx) => {
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
  async #finished(finished: Extract<PipelineEvent, { type: "finished" }>): Promise<boolean> {
    const { id, projectId, sha } = this.build
    const { status, error, image = null } = finished
    const blocked = !finishedStatuses.includes(status)
    const end = {
      status,
      stage: null,
      error: status === "canceled" ? (this.cancelWords() ?? error) : error,
      image,
      again: false,
      finishedAt: blocked ? null : new Date(),
    }
    const ctx = systemCtx(this.services)
    // What waits for somebody to merge it does not go live by itself.
    const follows = status === "success" && (await isMerged(ctx, projectId, sha))
    const told = await this.#change(
      async (tx) => {
        if (!blocked) await cancelJobs(tx, id)
        return updateBuild(tx, id, end)
      },
      async (tx) => {
        if (follows) await publishIfFollowing(ctx, tx, projectId, sha)
        await projectChanged(ctx, tx, projectId)
      },
    )
    if (told && follows) this.services.sandboxes.prepareLive(projectId)
    return told
  }

  /** Changes the build and tells of it; `more` follows in the same transaction. False when it is over, or gone. */
  async #change(
    work: (tx: EventTx) => Promise<BuildRow | null>,
    more: (tx: EventTx) => Promise<void> = async () => {},
  ): Promise<boolean> {
    const { projectId } = this.build
    return inTransaction(this.services, async (tx) => {
      await holdProject(tx, projectId)
      if ((await lockBuild(tx, this.build.id))?.finishedAt !== null) return false
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
