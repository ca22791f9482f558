import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { signedInId } from "./person.ts"
import { deleteSession } from "./store.ts"

/** Signs one of this person's sessions out; its streams end at once. */
export async function revokeSession(ctx: Ctx, input: { sessionId: string }): Promise<Record<string, never>> {
  if (!(await deleteSession(ctx.db, signedInId(ctx), input.sessionId))) throw new AppError("not_found")
  ctx.auth.sessions.end(input.sessionId)
  return {}
}
