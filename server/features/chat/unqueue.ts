import type { z } from "zod"
import type { chatUnqueueInput } from "../../../shared/chat.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { appendEvents } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { authorizeProject } from "../project/access.ts"
import { holdProject } from "./hold-project.ts"
import { deleteWish, findMessage, runsOf } from "./store.ts"

/** Takes a message that still waits out of the line and out of the conversation. */
export async function unqueue(ctx: Ctx, input: z.infer<typeof chatUnqueueInput>): Promise<Record<string, never>> {
  const project = await authorizeProject(ctx, input.projectId)
  const again = await inTransaction(ctx, async (tx) => {
    await holdProject(tx, project.id)
    const message = await findMessage(tx, input.messageId)
    if (message === null || message.projectId !== project.id || message.hidden) throw new AppError("not_found")
    const runs = await runsOf(tx, message.id)
    const waiting = runs.find((run) => run.state === "queued")
    if (waiting === undefined) throw new AppError("conflict", "The AI has begun to work on this message.")
    // It was answered before and waits for another try: only that try goes.
    if (runs.length > 1) return waiting.id
    await deleteWish(tx, message.id)
    appendEvents(tx, project.id, [{ type: "message.removed", messageId: message.id }])
    return null
  })
  if (again !== null) await ctx.runs.stop(project.id, again)
  return {}
}
