import type { z } from "zod"
import type { chatRunInput } from "../../../shared/chat.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { appendEvents } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { authorizeProject } from "../project/access.ts"
import { holdProject } from "./hold-project.ts"
import { findRun, runsOf, insertRun, updateMessage } from "./store.ts"
import { messageView } from "./view.ts"
import { personOf } from "./wish.ts"

/** "Try again" and "Continue": a new run for the same wish. What was answered before stays in the conversation. */
export async function retry(ctx: Ctx, input: z.infer<typeof chatRunInput>): Promise<{ runId: string }> {
  const userId = personOf(ctx.actor)
  const project = await authorizeProject(ctx, input.projectId)
  const runId = await inTransaction(ctx, async (tx) => {
    await holdProject(tx, project.id)
    const before = await findRun(tx, project.id, input.runId)
    if (before === null) throw new AppError("not_found")
    const runs = await runsOf(tx, before.messageId)
    // Pressed twice, or in two windows: one new answer is enough.
    const open = runs.find((run) => run.state !== "finished")
    if (open !== undefined && open.id !== before.id) return open.id
    if (open !== undefined) throw new AppError("run_active")
    const id = newId()
    const message = await updateMessage(tx, before.messageId, { runId: id })
    if (message.hidden) throw new AppError("conflict", "This message is no longer part of the conversation.")
    const { projectId, messageId, model } = before
    await insertRun(tx, { id, projectId, userId, messageId, model, state: "queued" })
    appendEvents(tx, project.id, [{ type: "message.created", message: messageView(message) }])
    return id
  })
  ctx.runs.kick(project.id)
  return { runId }
}
