import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import type { Queryable } from "../../lib/database.ts"
import { findUser, type UserRow } from "./store.ts"

/** The id of the person who acts; the system has no account. */
export function personId(ctx: Ctx): string {
  if (ctx.actor.type === "system") throw new AppError("forbidden")
  return ctx.actor.userId
}

/** The person who acts. One that was removed a moment ago is signed out. */
export async function personOf(ctx: Ctx, q: Queryable): Promise<UserRow> {
  const row = await findUser(q, personId(ctx))
  if (row === null) throw new AppError("unauthorized")
  return row
}

/**
 * The id of a person who signed in. A key that was lost can be removed; it must not make others of its kind, shut its
 * owner out or try passwords.
 */
export function signedInId({ actor }: Ctx): string {
  if (actor.type !== "user") throw new AppError("forbidden", "An API key may not do that. Sign in.")
  return actor.userId
}
