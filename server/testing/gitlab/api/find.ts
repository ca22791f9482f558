import { forbidden, notFound } from "../http/answer.ts"
import type { Call, Endpoint, WithProject } from "../http/router.ts"
import { pathNumber } from "../http/values.ts"
import { fullPathOf, type Group, type Job, type Pipeline, type Project, type World } from "../world.ts"

/** A project by its number or its full path. */
export function findProject(world: World, id: string): Project | null {
  if (/^\d+$/.test(id)) return world.projects.get(Number(id)) ?? null
  return [...world.projects.values()].find((project) => fullPathOf(project).toLowerCase() === id.toLowerCase()) ?? null
}

export function findGroup(world: World, id: string): Group | null {
  const found = world.groups.find((group) =>
    /^\d+$/.test(id) ? group.id === Number(id) : group.fullPath.toLowerCase() === id.toLowerCase(),
  )
  return found ?? null
}

/** For an endpoint below `/projects/:id`; writing needs a role, and no archived project is written to. */
export const inProject =
  (endpoint: WithProject, level = 10): Endpoint =>
  (call) => {
    const project = findProject(call.world, call.params["id"] ?? "")
    if (project === null) throw notFound("Project")
    if (call.world.settings.accessLevel < level) throw forbidden()
    return endpoint(call, project)
  }

export function findPipeline(call: Call, project: Project): Pipeline {
  const pipeline = call.world.pipelines.get(pathNumber(call, "pipeline_id"))
  if (pipeline?.projectId !== project.id) throw notFound("Pipeline")
  return pipeline
}

export function findJob(call: Call, project: Project): { pipeline: Pipeline; job: Job } {
  const id = pathNumber(call, "job_id")
  for (const pipeline of call.world.pipelines.values()) {
    if (pipeline.projectId !== project.id) continue
    const job = pipeline.jobs.find((job) => job.id === id)
    if (job !== undefined) return { pipeline, job }
  }
  throw notFound("Job")
}
