import type { Build } from "../../../shared/build.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject } from "../project/access.ts"
import { type BuildRow, findBuild } from "./store.ts"
import { buildView } from "./view.ts"

/** One build. */
export async function getBuild(ctx: Ctx, input: { projectId: string; buildId: string }): Promise<Build> {
  return buildView(ctx.db, await authorizeBuild(ctx, input))
}

/** The build's row, if it belongs to a project that the actor may use. */
export async function authorizeBuild(
  ctx: Pick<Ctx, "db" | "actor">,
  input: { projectId: string; buildId: string },
): Promise<BuildRow> {
  const project = await authorizeProject(ctx, input.projectId)
  const row = await findBuild(ctx.db, project.id, input.buildId)
  if (row === null) throw new AppError("not_found")
  return row
}
