import type { Ctx } from "../../context.ts"
import { inTransaction } from "../event/transaction.ts"
import { holdFiles } from "../file/hold-files.ts"
import { isOnMain } from "../forge/is-on-main.ts"
import { recordVersion } from "./record.ts"
import { recoveryRef } from "./recovery-ref.ts"
import { findRow, newestRow } from "./store.ts"
import { runOf, titleOfCommit } from "./words.ts"

/** Records the newest commit as a version when the server ended between the two. The workspace is not touched. */
export function reconcileVersions(ctx: Ctx, projectId: string): Promise<void> {
  return holdFiles(projectId, async () => void (await recordHead(ctx, projectId)))
}

/**
 * As `reconcileVersions`, for who holds the files already. What a person took back or kept is laid down in the
 * workspace after its commit: answers such a commit, for who is about to write there.
 */
export async function recordHead(ctx: Ctx, projectId: string): Promise<string | null> {
  const { repository } = ctx
  const sha = await repository.head(projectId)
  if (sha === null || (await findRow(ctx.db, projectId, sha)) !== null) return null
  const message = await repository.message(projectId, sha)
  // Whoever commits at the forge can write anything into a message.
  const runId = (await isOnMain(ctx, projectId, sha)) ? null : runOf(message)
  const before = await newestRow(ctx.db, projectId)
  const changes = await repository.diff(projectId, before?.version.sha ?? null, sha)
  const sum = (count: "added" | "removed"): number => changes.reduce((total, change) => total + change[count], 0)
  const commit = { sha, files: changes.length, added: sum("added"), removed: sum("removed") }
  await inTransaction(ctx, (tx) => recordVersion(ctx, tx, projectId, commit, { runId, title: titleOfCommit(message) }))
  ctx.builds.kick()
  const byRun = runId !== null && (await repository.resolve(projectId, recoveryRef(runId))) === null
  return byRun ? null : sha
}
