import type { z } from "zod"
import type { Account, accountUpdateInput } from "../../../shared/account.ts"
import type { Ctx } from "../../context.ts"
import { cleanText } from "../../lib/clean-text.ts"
import { getAccount } from "./get.ts"
import { personId } from "./person.ts"
import { renameUser } from "./store.ts"

/** Changes the name that others see. */
export async function updateAccount(ctx: Ctx, input: z.infer<typeof accountUpdateInput>): Promise<Account> {
  await renameUser(ctx.db, personId(ctx), cleanText(input.name))
  return getAccount(ctx)
}
