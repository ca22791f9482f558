import type { Account } from "../../../shared/account.ts"
import type { Ctx } from "../../context.ts"
import { roleOf } from "./identify.ts"
import { personOf } from "./person.ts"

/** The account of whoever asks. */
export async function getAccount(ctx: Ctx): Promise<Account> {
  const { id, name, email, role, createdAt } = await personOf(ctx, ctx.db)
  return { id, name, email, role: roleOf(role), createdAt: createdAt.toISOString() }
}
