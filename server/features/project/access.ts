import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { findProject, findProjectOf, type ProjectRow } from "./store.ts"

declare const authorized: unique symbol

/** A thing that the actor may use. Made here only, so a verb that asks for it cannot be called unchecked. */
export type Authorized<T> = T & { readonly [authorized]: true }

export type { ProjectRow }

/** The project, if the actor is a member of it. Another person's project answers like one that does not exist. */
export async function authorizeProject(
  ctx: Pick<Ctx, "db" | "actor">,
  projectId: string,
): Promise<Authorized<ProjectRow>> {
  const { db, actor } = ctx
  const row =
    actor.type === "system" ? await findProject(db, projectId) : await findProjectOf(db, projectId, actor.userId)
  if (row === null) throw new AppError("not_found")
  return row as Authorized<ProjectRow>
}
