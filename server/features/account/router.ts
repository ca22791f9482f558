import {
  accountRemoveInput,
  accountUpdateInput,
  keyCreateInput,
  keyRemoveInput,
  revokeSessionInput,
} from "../../../shared/account.ts"
import { procedure, router } from "../../trpc/init.ts"
import { getAccount } from "./get.ts"
import { createKey, keysOf, removeKey } from "./keys.ts"
import { removeAccount } from "./remove.ts"
import { revokeSession } from "./revoke-session.ts"
import { sessions } from "./sessions.ts"
import { updateAccount } from "./update.ts"
import { watchAccount } from "./watch.ts"

/** `account.*`; sign-up, sign-in, sign-out and password go through better-auth's own client. */
export const accountRouter = router({
  get: procedure.query(({ ctx }) => getAccount(ctx)),
  update: procedure.input(accountUpdateInput).mutation(({ ctx, input }) => updateAccount(ctx, input)),
  sessions: procedure.query(({ ctx }) => sessions(ctx)),
  revokeSession: procedure.input(revokeSessionInput).mutation(({ ctx, input }) => revokeSession(ctx, input)),
  keys: router({
    list: procedure.query(({ ctx }) => keysOf(ctx)),
    create: procedure.input(keyCreateInput).mutation(({ ctx, input }) => createKey(ctx, input)),
    remove: procedure.input(keyRemoveInput).mutation(({ ctx, input }) => removeKey(ctx, input)),
  }),
  remove: procedure.input(accountRemoveInput).mutation(({ ctx, input }) => removeAccount(ctx, input)),
  watch: procedure.subscription(({ ctx, signal }) => watchAccount(ctx, signal)),
})
