import type { Project } from "../../../shared/project.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject } from "./access.ts"
import { projectView } from "./view.ts"

export async function getProject(ctx: Ctx, input: { projectId: string }): Promise<Project> {
  await authorizeProject(ctx, input.projectId)
  return projectView(ctx.db, ctx.config, input.projectId)
}
