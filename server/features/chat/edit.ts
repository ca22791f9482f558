import type { z } from "zod"
import type { chatEditInput } from "../../../shared/chat.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { appendEvents, type EventTx } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { authorizeProject } from "../project/access.ts"
import { holdProject } from "./hold-project.ts"
import { type Sent, sentView, storeWish, wordsOf } from "./send.ts"
import { findMessage, hasOpenRun, hideFrom, runsOf, updateMessage } from "./store.ts"
import { messageView, type MessageRow } from "./view.ts"
import { checkWish, personOf } from "./wish.ts"

/** Changes the words of a message in line; an answered one is sent anew, and what followed it leaves the conversation. */
export async function edit(ctx: Ctx, input: z.infer<typeof chatEditInput>): Promise<Sent> {
  const userId = personOf(ctx.actor)
  const content = checkWish(ctx, input.content)
  const project = await authorizeProject(ctx, input.projectId)
  const sent = await inTransaction(ctx, async (tx) => {
    await holdProject(tx, project.id)
    const message = await findMessage(tx, input.messageId)
    if (message === null || message.projectId !== project.id || message.hidden) throw new AppError("not_found")
    if (message.role !== "user") throw new AppError("bad_input", "Only your own messages can be changed.")
    const runs = await runsOf(tx, message.id)
    const only = runs.length === 1 ? runs[0] : undefined
    if (only?.state === "queued") {
      const changed = await updateMessage(tx, message.id, wordsOf(content))
      appendEvents(tx, project.id, [{ type: "message.created", message: messageView(changed) }])
      return sentView(ctx, tx, only)
    }
    await leaveBehind(tx, message)
    const model = runs.at(-1)?.model ?? undefined
    return storeWish(ctx, tx, { projectId: project.id, messageId: newId(), userId, content, model })
  })
  // Also after a change of words: while it was held, the run could not be claimed.
  ctx.runs.kick(project.id)
  return sent
}

async function leaveBehind(tx: EventTx, message: MessageRow): Promise<void> {
  if (await hasOpenRun(tx, message.projectId)) throw new AppError("run_active")
  const hidden = await hideFrom(tx, message)
  appendEvents(
    tx,
    message.projectId,
    hidden.map((messageId) => ({ type: "message.removed", messageId })),
  )
}
