import { repoOf, resolve } from "../git/git.ts"
import { badRequest, created, forbidden, noContent, notFound, ok } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { flagOf, listOf, mustText, textOf } from "../http/values.ts"
import { finishedStatuses } from "../../../../shared/build.ts"
import { type Pipeline, pipelinesOf, type Project, zeroSha } from "../world.ts"
import { findPipeline, inProject } from "./find.ts"
import { jobView } from "./job-view.ts"
import { basicPipelineView, pipelineView } from "./pipeline-view.ts"

async function create(call: Call, project: Project) {
  const { world } = call
  const ref = mustText(call, "ref")
  const sha = await resolve(repoOf(world, project), ref)
  if (sha === null) throw badRequest({ base: ["Reference not found"] })
  const sent = call.body["variables"]
  const variables = Array.isArray(sent) ? (sent as { key: string; value: string }[]) : []
  const least = project.settings["ci_pipeline_variables_minimum_override_role"]
  if (variables.length > 0 && least === "no_one_allowed") {
    throw badRequest({ base: ["Insufficient permissions to set pipeline variables"] })
  }
  const input = { sha, before: zeroSha, ref, source: "api", skipped: false, variables }
  const pipeline = await world.engine.create(project, input)
  if (typeof pipeline === "string") throw badRequest({ base: [pipeline] })
  return created(pipelineView(world, project, pipeline))
}

const scopes: Record<string, (pipeline: Pipeline) => boolean> = {
  running: ({ status }) => status === "running",
  pending: ({ status }) => status === "pending",
  finished: ({ status }) => finishedStatuses.includes(status),
  branches: () => true,
  tags: () => false,
}

function listed(call: Call, project: Project): Pipeline[] {
  const wanted = (name: string, value: string) => (textOf(call, name) ?? value) === value
  const since = textOf(call, "updated_after")
  const scope = textOf(call, "scope")
  const rows = pipelinesOf(call.world, project.id)
    .filter(
      ({ sha, ref, status, source }) =>
        wanted("sha", sha) && wanted("ref", ref) && wanted("status", status) && wanted("source", source),
    ) // prettier-ignore
    .filter((pipeline) => since === null || pipeline.updatedAt > new Date(since))
    .filter((pipeline) => scope === null || scopes[scope]?.(pipeline) === true)
  if (textOf(call, "order_by") === "updated_at") rows.sort((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime())
  return textOf(call, "sort") === "asc" ? rows.toReversed() : rows
}

/** Pipelines: found, made, run again, canceled. */
export const pipelineRoutes: Routes = {
  "POST /projects/:id/pipeline": inProject(create, 30),
  "GET /projects/:id/pipelines": inProject((call, project) =>
    page(call, listed(call, project), (pipeline) => basicPipelineView(call.world, project, pipeline)),
  ),
  "GET /projects/:id/pipelines/latest": inProject((call, project) => {
    const ref = textOf(call, "ref") ?? project.defaultBranch
    const latest = pipelinesOf(call.world, project.id).find((pipeline) => pipeline.ref === ref)
    if (latest === undefined) throw notFound("Pipeline")
    return ok({ ...pipelineView(call.world, project, latest), name: null })
  }),
  "GET /projects/:id/pipelines/:pipeline_id": inProject((call, project) =>
    ok({ ...pipelineView(call.world, project, findPipeline(call, project)), name: null }),
  ),
  "DELETE /projects/:id/pipelines/:pipeline_id": inProject((call, project) => {
    call.world.pipelines.delete(findPipeline(call, project).id)
    return noContent()
  }, 50),
  "GET /projects/:id/pipelines/:pipeline_id/jobs": inProject(async (call, project) => {
    const pipeline = findPipeline(call, project)
    const scope = listOf(call, "scope")
    const jobs = pipeline.jobs
      .filter((job) => !job.retried || flagOf(call, "include_retried") === true)
      .filter((job) => scope.length === 0 || scope.includes(job.status))
      .toReversed()
    const views = await Promise.all(jobs.map((job) => jobView(call.world, project, pipeline, job)))
    return page(call, views, (view) => view)
  }),
  "GET /projects/:id/pipelines/:pipeline_id/bridges": inProject((call, project) => {
    findPipeline(call, project)
    return page(call, [], () => null)
  }),
  "GET /projects/:id/pipelines/:pipeline_id/variables": inProject((call, project) =>
    ok(
      findPipeline(call, project).variables.map((variable) => ({ variable_type: "env_var", raw: false, ...variable })),
    ),
  ),
  "POST /projects/:id/pipelines/:pipeline_id/retry": inProject((call, project) => {
    const pipeline = findPipeline(call, project)
    if (project.markedForDeletion !== null) throw forbidden()
    call.world.engine.retry(project, pipeline)
    return created(pipelineView(call.world, project, pipeline))
  }, 30),
  "POST /projects/:id/pipelines/:pipeline_id/cancel": inProject((call, project) => {
    const pipeline = findPipeline(call, project)
    call.world.engine.cancel(pipeline)
    return ok(pipelineView(call.world, project, pipeline))
  }, 30),
}
