import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import type { Authorized, ProjectRow } from "../project/access.ts"
import { findRow, type VersionFacts } from "./store.ts"

/** A version by its full or abbreviated sha, or words that there is none. */
export async function findVersion(ctx: Ctx, project: Authorized<ProjectRow>, sha: string): Promise<VersionFacts> {
  const found = await findRow(ctx.db, project.id, sha)
  if (found === null) throw new AppError("not_found", "There is no such version.")
  return found
}
