import type { Build, BuildStatus } from "../../../shared/build.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { holdProject } from "../chat/hold-project.ts"
import { appendEvents } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { authorizeProject } from "../project/access.ts"
import { projectChanged } from "../project/changed.ts"
import { type JobRow, jobsOf, lockBuild, resetJob, updateBuild } from "./store.ts"
import { buildView } from "./view.ts"

/**
 * Runs the checks of a version again, like GitLab under the same id: of the whole build what is not green, of one job
 * that job and what was left out because of it. A manual job is started that way. All again when all was green.
 */
export async function retryBuild(
  ctx: Ctx,
  input: { projectId: string; buildId: string; jobId?: string },
): Promise<Build> {
  const project = await authorizeProject(ctx, input.projectId)
  const build = await inTransaction(ctx, async (tx) => {
    await holdProject(tx, project.id)
    const row = await lockBuild(tx, input.buildId)
    if (row === null || row.projectId !== project.id) throw new AppError("not_found")
    const jobs = await jobsOf(tx, [row.id])
    const job = jobs.find((known) => known.id === input.jobId)
    if (input.jobId !== undefined && job === undefined) throw new AppError("not_found")
    if (row.finishedAt === null && row.status !== "manual") {
      throw new AppError("conflict", "These checks have not ended yet.")
    }
    for (const [again, status] of jobsToRun(jobs, job)) await resetJob(tx, again.id, status)
    const next = await updateBuild(tx, row.id, {
      status: "pending",
      again: true,
      stage: null,
      error: null,
      finishedAt: null,
    })
    if (next === null) throw new AppError("not_found")
    const view = await buildView(tx, next)
    appendEvents(tx, project.id, [{ type: "build.changed", build: view }], { subjectId: row.id })
    await projectChanged(ctx, tx, project.id)
    return view
  })
  ctx.builds.kick()
  return build
}

/** The jobs that run again, with the state that says how; "pending" starts a manual one. */
function* jobsToRun(jobs: readonly JobRow[], one: JobRow | undefined): Generator<[JobRow, BuildStatus]> {
  const green = jobs.every((job) => job.status === "success")
  for (const job of jobs) {
    const undecided = ["created", "pending", "skipped", "manual"].includes(job.status)
    if (job === one) yield [job, job.status === "manual" ? "pending" : "created"]
    else if (undecided || (one === undefined && (green || job.status !== "success"))) yield [job, "created"]
  }
}
