import { rm } from "node:fs/promises"
import type { Ctx } from "../../context.ts"
import { inTransaction } from "../event/transaction.ts"
import { holdFiles } from "../file/hold-files.ts"
import { isUntouched } from "../file/template-entries.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { type Authorized, authorizeProject, type ProjectRow } from "./access.ts"
import { projectChanged } from "./changed.ts"
import { hasVersion, lockStream, updateProjectRow } from "./store.ts"

/**
 * Where nobody chose a template and nothing was made yet, the project gets the one that its wish calls for, when the
 * model knows it beforehand. The files of the other starter go; the next that is laid down is the new one.
 */
export function followWish(
  ctx: Ctx,
  project: Authorized<ProjectRow>,
  wish: string,
): Promise<Authorized<ProjectRow>> | Authorized<ProjectRow> {
  const wanted = project.templateChosen ? null : (ctx.model.templateFor?.(wish) ?? null)
  if (wanted === null || wanted === project.template) return project
  return changeTemplate(ctx, project, wanted).catch((err: unknown) => {
    // The other starter will do; what is really wrong shows when the files are laid down.
    ctx.log.warn({ err, projectId: project.id }, "the template could not be changed")
    return project
  })
}

async function changeTemplate(
  ctx: Ctx,
  project: Authorized<ProjectRow>,
  template: string,
): Promise<Authorized<ProjectRow>> {
  const root = workspaceRoot(ctx.config, project.id)
  const changed = await holdFiles(project.id, async () => {
    if (await hasVersion(ctx.db, project.id)) return false
    if (!(await isUntouched(root, project.template))) return false
    await ctx.sandboxes.stop(project.id, "draft", null)
    await rm(root, { recursive: true, force: true })
    await inTransaction(ctx, async (tx) => {
      await lockStream(tx, project.id)
      await updateProjectRow(tx, project.id, { template })
      await projectChanged(ctx, tx, project.id)
    })
    return true
  })
  return changed ? authorizeProject(ctx, project.id) : project
}
