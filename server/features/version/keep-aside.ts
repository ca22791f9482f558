import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { syncTree } from "../../lib/tree/sync.ts"
import { assertFits } from "../file/assert-room.ts"
import { holdFiles } from "../file/hold-files.ts"
import { isUntouched, templateEntries } from "../file/template-entries.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import type { Authorized, ProjectRow } from "../project/access.ts"
import { authorOf } from "./author.ts"
import { recoveryRef } from "./recovery-ref.ts"
import { wishOf } from "./store.ts"
import { commitMessage } from "./words.ts"

/**
 * Puts what a run left in the workspace aside, where `version.keep` finds it, and the workspace back to the last
 * version (the starter before the first). False when there was nothing.
 */
export function keepAside(ctx: Ctx, project: Authorized<ProjectRow>, runId: string): Promise<boolean> {
  return holdFiles(project.id, async () => {
    const { repository } = ctx
    const root = workspaceRoot(ctx.config, project.id)
    await repository.create(project.id)
    const head = await repository.head(project.id)
    if (head === null && (await isUntouched(root, project.template))) return false
    const kept = await commitAside(ctx, project, runId, root)
    if (head !== null) await repository.checkout(project.id, head, root)
    else await syncTree(root, templateEntries(project.template), { largest: Number.MAX_SAFE_INTEGER })
    return kept
  })
}

async function commitAside(
  ctx: Ctx,
  project: Authorized<ProjectRow>,
  runId: string,
  workTree: string,
): Promise<boolean> {
  const wish = await wishOf(ctx.db, project.id, runId)
  const message = commitMessage(wish ?? "Changes of a stopped reply", { wish, runId })
  const input = { workTree, message, author: await authorOf(ctx), ref: recoveryRef(runId) }
  try {
    await assertFits(workTree)
    return (await ctx.repository.commit(project.id, input)) !== null
  } catch (error) {
    // What is too large for a version cannot be kept, and must not block every version to come.
    if (!(error instanceof AppError) || error.kind !== "too_large") throw error
    ctx.log.warn({ projectId: project.id, runId }, "the edits of a run were too large to be kept")
    return false
  }
}
