import type { Session } from "../../../shared/account.ts"
import type { Ctx } from "../../context.ts"
import { personId } from "./person.ts"
import { listSessions } from "./store.ts"

/** Where this person is signed in, newest first. */
export async function sessions(ctx: Ctx): Promise<Session[]> {
  const { actor } = ctx
  const rows = await listSessions(ctx.db, personId(ctx))
  return rows.map((row) => ({
    id: row.id,
    current: actor.type === "user" && actor.sessionId === row.id,
    userAgent: row.userAgent,
    ipAddress: row.ipAddress,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }))
}
