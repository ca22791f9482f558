import type { Ctx } from "../../context.ts"
import type { CommitInfo } from "../../ports/repository/port.ts"
import { assertFits } from "../file/assert-room.ts"
import { holdFiles } from "../file/hold-files.ts"
import { isUntouched } from "../file/template-entries.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import type { Authorized, ProjectRow } from "../project/access.ts"
import { recordHead } from "./reconcile.ts"
import { wishOf } from "./store.ts"
import { commitMessage } from "./words.ts"

export interface NewCommit {
  runId: string | null
  title: string
  author: { name: string; email: string }
}

/** Commits the workspace on top of `main`; null when nothing was changed. The version is recorded by the caller. */
export function commitWorkspace(
  ctx: Ctx,
  project: Authorized<ProjectRow>,
  input: NewCommit,
): Promise<CommitInfo | null> {
  return holdFiles(project.id, () => commitHeld(ctx, project, input))
}

/** As `commitWorkspace`, for who holds the files already. */
export async function commitHeld(
  ctx: Ctx,
  project: Authorized<ProjectRow>,
  { runId, title, author }: NewCommit,
): Promise<CommitInfo | null> {
  const { repository } = ctx
  const workTree = workspaceRoot(ctx.config, project.id)
  await repository.create(project.id)
  await recordHead(ctx, project.id)
  // A starter that nobody changed is no version.
  if ((await repository.head(project.id)) === null && (await isUntouched(workTree, project.template))) return null
  await assertFits(workTree)
  const wish = runId === null ? null : await wishOf(ctx.db, project.id, runId)
  // Who reads the commit at the forge finds the way back; elsewhere nobody reads it.
  const chat = ctx.forge.remote === null ? null : `${ctx.config.publicUrl}/projects/${project.id}`
  const message = commitMessage(title, { wish, runId, chat })
  return repository.commit(project.id, { workTree, message, author, ref: "refs/heads/main" })
}
