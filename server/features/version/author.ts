import type { Ctx } from "../../context.ts"
import { personOf } from "./store.ts"

/** Whose name a commit bears: the person's who acts, else the server's. */
export async function authorOf(ctx: Pick<Ctx, "actor" | "db">): Promise<{ name: string; email: string }> {
  const person = ctx.actor.type === "system" ? null : await personOf(ctx.db, ctx.actor.userId)
  return person ?? { name: "Go Chat", email: "gochat@localhost" }
}
