import type { FileChange } from "../../../shared/version.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject } from "../project/access.ts"
import { findVersion } from "./find.ts"
import { previousSha } from "./store.ts"

/** What a version changed against the one before it, or against `base`. */
export async function diffVersions(
  ctx: Ctx,
  input: { projectId: string; sha: string; base?: string },
): Promise<{ files: FileChange[] }> {
  const project = await authorizeProject(ctx, input.projectId)
  const { version } = await findVersion(ctx, project, input.sha)
  const base =
    input.base === undefined
      ? await previousSha(ctx.db, version)
      : (await findVersion(ctx, project, input.base)).version.sha
  return { files: await ctx.repository.diff(project.id, base, version.sha) }
}
