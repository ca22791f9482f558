import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { removeProject } from "../project/remove.ts"
import { verifyPassword } from "./password.ts"
import { countPasswordTry } from "./password-tries.ts"
import { signedInId } from "./person.ts"
import {
  deleteUser,
  isOnlyAdminOfOthers,
  listKeys,
  listOwnedProjectIds,
  listSessions,
  readPasswordHash,
} from "./store.ts"

/** Removes the account, its projects and all that belongs to them. */
export async function removeAccount(ctx: Ctx, input: { password: string }): Promise<Record<string, never>> {
  const userId = signedInId(ctx)
  countPasswordTry(userId)
  const hash = await readPasswordHash(ctx.db, userId)
  if (hash === null || !(await verifyPassword({ hash, password: input.password }))) {
    throw new AppError("forbidden", "The password is not right.")
  }
  await ctx.db.transaction((tx) => assertMayLeave(tx, userId))
  for (const projectId of await listOwnedProjectIds(ctx.db, userId)) await removeProject(ctx, { projectId })
  const open = [...(await listSessions(ctx.db, userId)), ...(await listKeys(ctx.db, userId))]
  await ctx.db.transaction(async (tx) => {
    await assertMayLeave(tx, userId)
    await deleteUser(tx, userId)
  })
  for (const { id } of open) ctx.auth.sessions.end(id)
  return {}
}

async function assertMayLeave(tx: Parameters<typeof isOnlyAdminOfOthers>[0], userId: string): Promise<void> {
  if (!(await isOnlyAdminOfOthers(tx, userId))) return
  throw new AppError("unprocessable", "You are the only admin and others have accounts here: this server needs one.")
}
