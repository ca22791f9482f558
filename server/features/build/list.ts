import type { Build } from "../../../shared/build.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject } from "../project/access.ts"
import { buildsOf } from "./store.ts"
import { buildViews } from "./view.ts"

/** The project's builds, newest first. */
export async function listBuilds(ctx: Ctx, input: { projectId: string; limit: number }): Promise<{ builds: Build[] }> {
  const project = await authorizeProject(ctx, input.projectId)
  return { builds: await buildViews(ctx.db, await buildsOf(ctx.db, project.id, input.limit)) }
}
