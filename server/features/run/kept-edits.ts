import type { Ctx } from "../../context.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import type { Authorized, ProjectRow } from "../project/access.ts"
import { keepAside } from "../version/keep-aside.ts"

const recoveryRef = (runId: string): string => `refs/gochat/recovery/${runId}`

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
 * True when they are in the workspace.
 */
export async function takeUp(ctx: Ctx, projectId: string, runId: string): Promise<boolean> {
  const { repository, config } = ctx
  const kept = await repository.resolve(projectId, recoveryRef(runId))
  if (kept === null || (await repository.parent(projectId, kept)) !== (await repository.head(projectId))) return false
  await repository.checkout(projectId, kept, workspaceRoot(config, projectId))
  return true
}
