import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Ctx } from "../../context.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { authorizeProject } from "./access.ts"
import { deleteProjectRow, listMemberIds, lockStream } from "./store.ts"

/**
 * Removes a project and all that belongs to it: what runs, its files, its history, its data, its rows. The rows go
 * last, so a removal that was cut off can be done again.
 */
export async function removeProject(ctx: Ctx, input: { projectId: string }): Promise<Record<string, never>> {
  const { id } = await authorizeProject(ctx, input.projectId)
  const members = await listMemberIds(ctx.db, id)
  await ctx.runs.stopProject(id)
  await ctx.builds.cancelProject(id)
  await removeTraces(ctx, id)
  await ctx.db.transaction(async (tx) => {
    await lockStream(tx, id)
    await deleteProjectRow(tx, id)
  })
  // Whatever began between the stop and the end of the rows has nothing to stand on now.
  await ctx.runs.stopProject(id)
  await removeTraces(ctx, id)
  for (const userId of members) ctx.hub.publishAccount(userId, { type: "project.removed", projectId: id })
  return {}
}

async function removeTraces(ctx: Ctx, id: string): Promise<void> {
  await ctx.sandboxes.removeProject(id)
  await ctx.forge.removeProject(id)
  await ctx.repository.remove(id)
  const { dataDir } = ctx.config
  const folders = [workspaceRoot(ctx.config, id), join(dataDir, "data", id), join(dataDir, "releases", id)]
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
}
