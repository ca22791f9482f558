import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import type { Authorized, ProjectRow } from "../project/access.ts"

/** The commit that a ref names, or words that there is none. */
export async function commitAt(ctx: Ctx, project: Authorized<ProjectRow>, ref: string): Promise<string> {
  const sha = await ctx.repository.resolve(project.id, ref)
  if (sha === null) throw new AppError("not_found", "There is no such version.")
  return sha
}
