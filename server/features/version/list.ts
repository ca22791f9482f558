import type { Version } from "../../../shared/version.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject } from "../project/access.ts"
import { listRows } from "./store.ts"
import { versionView } from "./view.ts"

/** Versions of a project, newest first; `before` is the number of the last one on the page before. */
export async function listVersions(
  ctx: Ctx,
  input: { projectId: string; before?: number; limit: number },
): Promise<{ versions: Version[] }> {
  const { id } = await authorizeProject(ctx, input.projectId)
  return { versions: (await listRows(ctx.db, id, input)).map(versionView) }
}
