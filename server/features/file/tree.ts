import type { FileEntry } from "../../../shared/file.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject } from "../project/access.ts"
import { commitAt } from "./at-ref.ts"
import { listFiles, workspaceRoot } from "./workspace.ts"

/** The files of a version, or of the workspace as it is now. */
export async function fileTree(ctx: Ctx, input: { projectId: string; ref?: string }): Promise<{ files: FileEntry[] }> {
  const project = await authorizeProject(ctx, input.projectId)
  if (input.ref === undefined) return { files: await listFiles(workspaceRoot(ctx.config, project.id)) }
  return { files: await ctx.repository.tree(project.id, await commitAt(ctx, project, input.ref)) }
}
