import type { Build } from "../../../shared/build.ts"
import type { Ctx } from "../../context.ts"
import { authorizeBuild, getBuild } from "./get.ts"

/** Ends the checks of a version and answers how they stand then. */
export async function cancelBuild(ctx: Ctx, input: { projectId: string; buildId: string }): Promise<Build> {
  const row = await authorizeBuild(ctx, input)
  await ctx.builds.cancel(row)
  return getBuild(ctx, input)
}
