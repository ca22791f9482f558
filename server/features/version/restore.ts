import type { Version } from "../../../shared/version.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { holdFiles } from "../file/hold-files.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { authorizeProject } from "../project/access.ts"
import { assertNoRun } from "../run/assert-idle.ts"
import { authorOf } from "./author.ts"
import { findVersion } from "./find.ts"
import { layDownHeld } from "./lay-down.ts"
import { settleCommit } from "./settle.ts"
import { newestRow } from "./store.ts"
import { versionView } from "./view.ts"
import { commitMessage } from "./words.ts"

/** Goes back to a version by making a new one with exactly its files; what came between stays in the list. */
export async function restoreVersion(ctx: Ctx, input: { projectId: string; sha: string }): Promise<Version> {
  const project = await authorizeProject(ctx, input.projectId)
  return holdFiles(project.id, async () => {
    await assertNoRun(ctx.db, project.id)
    const { version } = await findVersion(ctx, project, input.sha)
    await layDownHeld(ctx, project)
    const title = `Back to version ${version.number}`
    const message = commitMessage(title)
    const reuse = { sha: version.sha, message, author: await authorOf(ctx) }
    const commit = await ctx.repository.restore(project.id, reuse)
    // Before the version is told of, so that whoever looks then sees its files.
    await ctx.repository.checkout(project.id, commit?.sha ?? version.sha, workspaceRoot(ctx.config, project.id))
    if (commit !== null) return settleCommit(ctx, project.id, commit, { runId: null, title })
    const newest = await newestRow(ctx.db, project.id)
    if (newest === null) throw new AppError("not_found", "There is no such version.")
    return versionView(newest)
  })
}
