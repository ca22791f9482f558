import { type FileContent, fileLimits } from "../../../shared/file.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { readTreeFile } from "../../lib/tree/read.ts"
import { authorizeProject } from "../project/access.ts"
import { commitAt } from "./at-ref.ts"
import { textOf } from "./text-of.ts"
import { checkPath, workspaceRoot } from "./workspace.ts"

/** One file of a version, or of the workspace; its content only when that is text of a size that can be shown. */
export async function fileRead(
  ctx: Ctx,
  input: { projectId: string; ref?: string; path: string },
): Promise<FileContent> {
  const project = await authorizeProject(ctx, input.projectId)
  const path = checkPath(input.path)
  const most = fileLimits.writtenBytes
  const file =
    input.ref === undefined
      ? readTreeFile(workspaceRoot(ctx.config, project.id), path, most)
      : stored(await ctx.repository.read(project.id, await commitAt(ctx, project, input.ref), path))
  if (file === null) throw new AppError("not_found", `There is no file ${path}.`)
  if ("size" in file) return { path, size: file.size, content: null }
  const { bytes } = file
  return { path, size: bytes.length, content: bytes.length > most ? null : textOf(bytes) }
}

const stored = (bytes: Uint8Array | null): { bytes: Uint8Array } | null => (bytes === null ? null : { bytes })
