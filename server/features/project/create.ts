import type { z } from "zod"
import type { Project, projectCreateInput } from "../../../shared/project.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { cleanText } from "../../lib/clean-text.ts"
import { newId } from "../../lib/ids.ts"
import { inTransaction } from "../event/transaction.ts"
import { projectChanged } from "./changed.ts"
import { slugOf, takeSlug } from "./slug.ts"
import { countOwned, findProject, findProjectOf, insertProject, lockUser } from "./store.ts"
import { checkTemplate, defaultTemplate } from "./templates.ts"
import { projectView } from "./view.ts"

const untitled = "New project"

/**
 * A new project. With an id chosen by the client the call can be repeated: the owner gets the first answer again,
 * anybody else a conflict that tells nothing.
 */
export async function createProject(ctx: Ctx, input: z.infer<typeof projectCreateInput>): Promise<Project> {
  const { actor, config } = ctx
  if (actor.type === "system") throw new AppError("forbidden")
  const { userId } = actor
  const id = input.id ?? newId()
  const title = cleanText(input.title ?? "").trim()
  const row = {
    id,
    title: title === "" ? untitled : title,
    titled: title !== "",
    description: cleanText(input.description ?? ""),
    template: input.template === undefined ? defaultTemplate : checkTemplate(input.template, ctx.sandbox.mode),
    templateChosen: input.template !== undefined,
  }
  await inTransaction(ctx, async (tx) => {
    // The lock makes the count right when two windows create at once.
    if (!(await lockUser(tx, userId))) throw new AppError("unauthorized")
    if ((await findProjectOf(tx, id, userId)) !== null) return
    if ((await findProject(tx, id)) !== null) throw new AppError("conflict")
    if ((await countOwned(tx, userId)) >= config.maxProjectsPerUser) {
      throw new AppError("limit_projects", `At most ${config.maxProjectsPerUser} for each person.`)
    }
    if (!(await insertProject(tx, row, userId))) throw new AppError("conflict")
    if (row.titled) await takeSlug(tx, id, slugOf(row.title))
    await projectChanged(ctx, tx, id)
  })
  // Outside the transaction, and also when the call is repeated: the first one may have ended before this.
  await ctx.repository.create(id)
  return projectView(ctx.db, config, id)
}
