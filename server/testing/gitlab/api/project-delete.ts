import { rm } from "node:fs/promises"
import { repoOf } from "../git/git.ts"
import { badRequest, created } from "../http/answer.ts"
import type { Call, Routes } from "../http/router.ts"
import { flagOf, textOf } from "../http/values.ts"
import { fullPathOf, type Project, type World } from "../world.ts"
import { inProject } from "./find.ts"
import { projectView } from "./project-view.ts"

const accepted = { status: 202, body: { message: "202 Accepted" } }

/** Ends a project for good: what belongs to it goes, too. */
export async function removeForGood(world: World, project: Project): Promise<void> {
  world.projects.delete(project.id)
  for (const hook of world.hooks.values()) if (hook.projectId === project.id) world.hooks.delete(hook.id)
  for (const pipeline of world.pipelines.values()) if (pipeline.projectId === project.id) world.pipelines.delete(pipeline.id) // prettier-ignore
  await rm(repoOf(world, project), { recursive: true, force: true })
}

function remove(call: Call, project: Project) {
  const { world } = call
  const atOnce = flagOf(call, "permanently_remove") === true
  if (!world.settings.delayedDeletion) {
    world.later(() => removeForGood(world, project), world.settings.pipelineDelayMs)
    return accepted
  }
  if (project.markedForDeletion === null) {
    if (atOnce) throw badRequest("Project must be marked for deletion first.")
    project.markedForDeletion = new Date()
    const mark = `-deletion_scheduled-${project.id}`
    Object.assign(project, { name: project.name + mark, path: project.path + mark })
    return accepted
  }
  if (!atOnce) throw badRequest("Project has been already marked for deletion")
  if (textOf(call, "full_path") !== fullPathOf(project)) {
    throw badRequest("`full_path` is incorrect. You must enter the complete path for the project.")
  }
  world.later(() => removeForGood(world, project), world.settings.pipelineDelayMs)
  return accepted
}

/** Removing projects, with the delay that newer GitLabs have, and bringing them back. */
export const projectDeleteRoutes: Routes = {
  "DELETE /projects/:id": inProject(remove, 50),
  "POST /projects/:id/restore": inProject(async ({ world }, project) => {
    const mark = new RegExp(`-deletion_scheduled-${project.id}$`)
    project.markedForDeletion = null
    Object.assign(project, { name: project.name.replace(mark, ""), path: project.path.replace(mark, "") })
    return created(await projectView(world, project))
  }, 50),
}
