import { finishedStatuses } from "../../../../shared/build.ts"
import { badRequest, created, forbidden, ok, text } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { listOf } from "../http/values.ts"
import { pipelinesOf, type Project } from "../world.ts"
import { findJob, inProject } from "./find.ts"
import { basicJobView, jobView } from "./job-view.ts"

async function one(call: Call, project: Project) {
  const { pipeline, job } = findJob(call, project)
  return jobView(call.world, project, pipeline, job)
}

/** Jobs: read, run again under a new id, started, canceled, erased; and what they said. */
export const jobRoutes: Routes = {
  "GET /projects/:id/jobs": inProject(async (call, project) => {
    const scope = listOf(call, "scope")
    const jobs = pipelinesOf(call.world, project.id).flatMap((pipeline) =>
      pipeline.jobs.map((job) => ({ pipeline, job })).toReversed(),
    )
    const wanted = jobs.filter(({ job }) => scope.length === 0 || scope.includes(job.status))
    const views = await Promise.all(wanted.map(({ pipeline, job }) => jobView(call.world, project, pipeline, job)))
    return page(call, views, (view) => view, { total: false })
  }),
  "GET /projects/:id/jobs/:job_id": inProject(async (call, project) => ok(await one(call, project))),
  "GET /projects/:id/jobs/:job_id/trace": inProject((call, project) =>
    text(Buffer.concat(findJob(call, project).job.trace)),
  ),
  "POST /projects/:id/jobs/:job_id/retry": inProject(async (call, project) => {
    const { pipeline, job } = findJob(call, project)
    const ended = ["success", "failed", "canceled"].includes(job.status)
    if (!ended || job.retried) throw forbidden("403 Forbidden - Job is not retryable")
    const made = call.world.engine.retry(project, pipeline, job)
    return created(await jobView(call.world, project, pipeline, made ?? job))
  }, 30),
  "POST /projects/:id/jobs/:job_id/play": inProject(async (call, project) => {
    const { pipeline, job } = findJob(call, project)
    if (!["manual", "scheduled"].includes(job.status)) throw badRequest("Unplayable Job")
    call.world.engine.play(project, pipeline, job)
    return ok(await basicJobView(call.world, project, pipeline, job))
  }, 30),
  "POST /projects/:id/jobs/:job_id/cancel": inProject(async (call, project) => {
    const { pipeline, job } = findJob(call, project)
    call.world.engine.cancel(pipeline, job)
    return created(await one(call, project))
  }, 30),
  "POST /projects/:id/jobs/:job_id/erase": inProject(async (call, project) => {
    const { job } = findJob(call, project)
    if (!finishedStatuses.includes(job.status)) throw forbidden("403 Forbidden - Job is not erasable!")
    Object.assign(job, { trace: [], artifacts: null, erasedAt: new Date() })
    return created(await one(call, project))
  }, 40),
}
