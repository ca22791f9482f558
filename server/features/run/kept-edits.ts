import type { Ctx } from "../../context.ts"
import { holdProject } from "../chat/hold-project.ts"
import { appendEvents } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { holdFiles } from "../file/hold-files.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import type { Authorized, ProjectRow } from "../project/access.ts"
import { keepAside } from "../version/keep-aside.ts"
import { recoveryRef } from "../version/recovery-ref.ts"
import { type RunRow, setRecoverable } from "./store.ts"

/**
 * Puts the edits of a run that did not complete aside, where a person can take them from, and the workspace back to
 * the last version. False when there were none, or they could not be kept.
 */
export async function setAside(ctx: Ctx, project: Authorized<ProjectRow>, runId: string): Promise<boolean> {
  try {
    if (await keepAside(ctx, project, runId)) return true
    // It may have been done already, before a crash.
    return (await ctx.repository.resolve(project.id, recoveryRef(runId))) !== null
  } catch (error) {
    ctx.log.error({ err: error, runId, projectId: project.id }, "the edits of a run could not be kept")
    return false
  }
}

/**
 * "Continue" goes on with the edits that the run before it left aside, unless there is a newer version by now.
 * True when they are in the workspace; they are then this run's.
 */
export async function takeUp(ctx: Ctx, left: RunRow): Promise<boolean> {
  const { repository, config } = ctx
  const { id: runId, projectId } = left
  const taken = await holdFiles(projectId, async () => {
    const kept = await repository.resolve(projectId, recoveryRef(runId))
    if (kept === null || (await repository.parent(projectId, kept)) !== (await repository.head(projectId))) return false
    await repository.checkout(projectId, kept, workspaceRoot(config, projectId))
    return true
  })
  if (taken) await tellTaken(ctx, left)
  return taken
}

async function tellTaken(ctx: Ctx, { id: runId, projectId, outcome, error, usage }: RunRow): Promise<void> {
  if (outcome === null || usage === null) return
  await inTransaction(ctx, async (tx) => {
    await holdProject(tx, projectId)
    await setRecoverable(tx, runId, false)
    const news = { type: "run.finished" as const, runId, outcome, error: error ?? undefined, usage, recoverable: false }
    appendEvents(tx, projectId, [news], { subjectId: runId })
  })
}
