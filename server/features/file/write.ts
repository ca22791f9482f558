import type { Version } from "../../../shared/version.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject } from "../project/access.ts"
import { assertNoRun } from "../run/assert-idle.ts"
import { authorOf } from "../version/author.ts"
import { commitHeld } from "../version/commit.ts"
import { layDownHeld } from "../version/lay-down.ts"
import { settleCommit } from "../version/settle.ts"
import { holdFiles } from "./hold-files.ts"
import { checkPath, workspaceRoot, writeFile } from "./workspace.ts"

export interface Written {
  path: string
  added: number
  removed: number
  /** null when the file held this already, or `.gitignore` leaves it out. */
  version: Version | null
}

/** Writes a file by a person's own hand; each time a version. */
export async function fileWrite(
  ctx: Ctx,
  input: { projectId: string; path: string; content: string },
): Promise<Written> {
  const project = await authorizeProject(ctx, input.projectId)
  const path = checkPath(input.path)
  return holdFiles(project.id, async () => {
    await assertNoRun(ctx.db, project.id)
    await layDownHeld(ctx, project)
    const { added, removed } = await writeFile(workspaceRoot(ctx.config, project.id), path, input.content)
    const title = `Edited ${path}`
    const commit = await commitHeld(ctx, project, { runId: null, title, author: await authorOf(ctx) })
    const version = commit === null ? null : await settleCommit(ctx, project.id, commit, { runId: null, title })
    return { path, added, removed, version }
  })
}
