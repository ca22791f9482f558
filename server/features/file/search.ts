import type { FileMatch } from "../../../shared/file.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject } from "../project/access.ts"
import { commitAt } from "./at-ref.ts"
import { matchLines, mostMatches } from "./match-lines.ts"
import { searchFiles, workspaceRoot } from "./workspace.ts"

/** Lines of a version, or of the workspace, that hold the words in any case. */
export async function fileSearch(
  ctx: Ctx,
  input: { projectId: string; ref?: string; query: string },
): Promise<{ matches: FileMatch[] }> {
  const project = await authorizeProject(ctx, input.projectId)
  if (input.ref === undefined) return { matches: await searchFiles(workspaceRoot(ctx.config, project.id), input.query) }
  const sha = await commitAt(ctx, project, input.ref)
  const matches: FileMatch[] = []
  for await (const { path, bytes } of ctx.repository.files(project.id, sha)) {
    matchLines(matches, path, bytes, input.query)
    if (matches.length >= mostMatches) break
  }
  return { matches }
}
