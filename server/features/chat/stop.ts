import type { z } from "zod"
import type { chatRunInput } from "../../../shared/chat.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject } from "../project/access.ts"

/** Ends a run, or takes it out of the line; what was said stays. A run that is over stays as it is. */
export async function stop(ctx: Ctx, input: z.infer<typeof chatRunInput>): Promise<Record<string, never>> {
  const project = await authorizeProject(ctx, input.projectId)
  await ctx.runs.stop(project.id, input.runId)
  return {}
}
