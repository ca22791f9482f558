import { chatEditInput, chatHistoryInput, chatRunInput, chatSendInput, chatUnqueueInput } from "../../../shared/chat.ts"
import { procedure, router } from "../../trpc/init.ts"
import { edit } from "./edit.ts"
import { history } from "./history.ts"
import { retry } from "./retry.ts"
import { send } from "./send.ts"
import { stop } from "./stop.ts"
import { unqueue } from "./unqueue.ts"

/** `chat.*` */
export const chatRouter = router({
  send: procedure.input(chatSendInput).mutation(({ ctx, input }) => send(ctx, input)),
  history: procedure.input(chatHistoryInput).query(({ ctx, input }) => history(ctx, input)),
  stop: procedure.input(chatRunInput).mutation(({ ctx, input }) => stop(ctx, input)),
  retry: procedure.input(chatRunInput).mutation(({ ctx, input }) => retry(ctx, input)),
  edit: procedure.input(chatEditInput).mutation(({ ctx, input }) => edit(ctx, input)),
  unqueue: procedure.input(chatUnqueueInput).mutation(({ ctx, input }) => unqueue(ctx, input)),
})
