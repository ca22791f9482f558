import type { Version } from "../../../shared/version.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { holdFiles } from "../file/hold-files.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { authorizeProject } from "../project/access.ts"
import { assertNoRun } from "../run/assert-idle.ts"
import { authorOf } from "./author.ts"
import { layDownHeld } from "./lay-down.ts"
import { recoveryRef } from "./recovery-ref.ts"
import { settleCommit } from "./settle.ts"
import { clearRecoverable } from "./store.ts"
import { firstLine } from "./words.ts"

/** Makes the edits that a stopped run left aside the newest version. */
export async function keepVersion(ctx: Ctx, input: { projectId: string; runId: string }): Promise<Version> {
  const project = await authorizeProject(ctx, input.projectId)
  const { repository } = ctx
  return holdFiles(project.id, async () => {
    await assertNoRun(ctx.db, project.id)
    const ref = recoveryRef(input.runId)
    const sha = await repository.resolve(project.id, ref)
    if (sha === null) throw new AppError("not_found", "This reply left no changes that could be kept.")
    await layDownHeld(ctx, project)
    const message = await repository.message(project.id, sha)
    const commit = await repository.pick(project.id, { sha, message, author: await authorOf(ctx) })
    if (commit === "conflict") {
      throw new AppError(
        "conflict",
        "The same places have changed since, so these changes no longer fit. Ask for them again.",
      )
    }
    if (commit === null) throw new AppError("conflict", "These changes are in the project already.")
    await repository.checkout(project.id, commit.sha, workspaceRoot(ctx.config, project.id))
    const facts = { runId: input.runId, title: firstLine(message) }
    const version = await settleCommit(ctx, project.id, commit, facts, (tx) =>
      clearRecoverable(tx, project.id, input.runId),
    )
    await repository.deleteRef(project.id, ref)
    return version
  })
}
