import { existsSync, readdirSync } from "node:fs"
import type { Ctx } from "../../context.ts"
import { holdFiles } from "../file/hold-files.ts"
import { seedHeld } from "../file/seed-workspace.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import type { Authorized, ProjectRow } from "../project/access.ts"
import { recordHead } from "./reconcile.ts"

/**
 * Makes the workspace ready to be written to: an empty one is filled with the newest version, or with the starter
 * before the first; a version whose making was cut off is completed.
 */
export function layDown(ctx: Ctx, project: Authorized<ProjectRow>): Promise<void> {
  return holdFiles(project.id, () => layDownHeld(ctx, project))
}

/** As `layDown`, for who holds the files already. */
export async function layDownHeld(ctx: Ctx, project: Authorized<ProjectRow>): Promise<void> {
  const root = workspaceRoot(ctx.config, project.id)
  const isEmpty = !existsSync(root) || readdirSync(root).length === 0
  const missed = await recordHead(ctx, project.id)
  const wanted = missed ?? (isEmpty ? await ctx.repository.head(project.id) : null)
  if (wanted !== null) await ctx.repository.checkout(project.id, wanted, root)
  else if (isEmpty) await seedHeld(ctx.config, project.id, project.template)
}
