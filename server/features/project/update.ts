import { rm } from "node:fs/promises"
import type { z } from "zod"
import type { Project, projectUpdateInput } from "../../../shared/project.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { cleanText } from "../../lib/clean-text.ts"
import type { EventTx } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { assertNoRun } from "../run/assert-idle.ts"
import { authorizeProject, type ProjectRow } from "./access.ts"
import { projectChanged } from "./changed.ts"
import { slugOf, takeSlug } from "./slug.ts"
import { findProject, hasVersion, lockStream, updateProjectRow } from "./store.ts"
import { checkTemplate } from "./templates.ts"
import { projectView } from "./view.ts"

/** Changes title, description, who may open the live app and, before the first version, the template. The slug stays once it is there. */
export async function updateProject(ctx: Ctx, input: z.infer<typeof projectUpdateInput>): Promise<Project> {
  const { projectId } = input
  await authorizeProject(ctx, projectId)
  if (input.versionRoute === "mergeRequest" && ctx.forge.remote === null) {
    throw new AppError("unprocessable", "Merge requests need a GitLab, and this server has none.")
  }
  const changed = await inTransaction(ctx, async (tx) => {
    await lockStream(tx, projectId)
    const project = await findProject(tx, projectId)
    if (project === null) throw new AppError("not_found")
    const template = await newTemplate(tx, project, input.template, ctx.sandbox.mode)
    await updateProjectRow(tx, projectId, {
      ...titleOf(input.title),
      ...(input.description === undefined ? {} : { description: cleanText(input.description) }),
      ...(input.liveAccess === undefined ? {} : { liveAccess: input.liveAccess }),
      ...(input.versionRoute === undefined ? {} : { versionRoute: input.versionRoute }),
      ...(input.template === undefined ? {} : { template: template ?? project.template, templateChosen: true }),
      updatedAt: new Date(),
    })
    if (input.title !== undefined && project.slug === null) await takeSlug(tx, projectId, slugOf(input.title))
    await projectChanged(ctx, tx, projectId)
    return template !== null
  })
  if (changed) await startOver(ctx, projectId)
  return projectView(ctx.db, ctx.config, projectId)
}

function titleOf(input: string | undefined) {
  const title = cleanText(input ?? "").trim()
  return title === "" ? {} : { title, titled: true }
}

/** The template to change to; null when it stays. */
async function newTemplate(
  tx: EventTx,
  project: ProjectRow,
  wanted: string | undefined,
  mode: Ctx["sandbox"]["mode"],
): Promise<string | null> {
  if (wanted === undefined || wanted === project.template) return null
  checkTemplate(wanted, mode)
  await assertNoRun(tx, project.id)
  if (await hasVersion(tx, project.id)) {
    throw new AppError("unprocessable", "The template can only be changed before the first version.")
  }
  return wanted
}

/** Nothing of the old starter stays: the next run fills the empty workspace with the new one. */
async function startOver(ctx: Ctx, projectId: string): Promise<void> {
  await ctx.sandboxes.stop(projectId, "draft", null)
  await rm(workspaceRoot(ctx.config, projectId), { recursive: true, force: true })
}
