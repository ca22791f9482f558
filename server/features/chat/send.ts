import type { z } from "zod"
import type { chatSendInput, chatSendOutput } from "../../../shared/chat.ts"
import type { Ctx } from "../../context.ts"
import { AppError } from "../../app-error.ts"
import { newId } from "../../lib/ids.ts"
import { appendEvents, type EventTx } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { authorizeProject } from "../project/access.ts"
import { codeBlocks } from "./code-blocks.ts"
import { holdProject } from "./hold-project.ts"
import { findMessage, findRun, insertMessage, insertRun, mustWait } from "./store.ts"
import { messageView, type RunRow } from "./view.ts"
import { checkModel, checkWish, personOf } from "./wish.ts"

export type Sent = z.infer<typeof chatSendOutput>

/** Stores what a person wants and a run in line for it. The same `messageId` again gives the first answer. */
export async function send(ctx: Ctx, input: z.infer<typeof chatSendInput>): Promise<Sent> {
  const userId = personOf(ctx.actor)
  const content = checkWish(ctx, input.content)
  const project = await authorizeProject(ctx, input.projectId)
  await checkModel(ctx, input.model)
  const wish = { projectId: project.id, messageId: input.messageId ?? newId(), userId, content, model: input.model }
  const sent = await inTransaction(ctx, (tx) => storeWish(ctx, tx, wish))
  ctx.runs.kick(project.id)
  return sent
}

interface Wish {
  projectId: string
  messageId: string
  userId: string
  content: string
  model: string | undefined
}

/** The message, its run and the news of it, in the caller's transaction. */
export async function storeWish(ctx: Ctx, tx: EventTx, wish: Wish): Promise<Sent> {
  await holdProject(tx, wish.projectId)
  const runId = newId()
  const message = await insertMessage(tx, {
    id: wish.messageId,
    projectId: wish.projectId,
    role: "user",
    ...wordsOf(wish.content),
    runId,
  })
  if (message === null) return firstAnswer(ctx, tx, wish)
  const run = await insertRun(tx, {
    id: runId,
    projectId: wish.projectId,
    userId: wish.userId,
    messageId: message.id,
    model: wish.model ?? null,
    state: "queued",
  })
  appendEvents(tx, wish.projectId, [{ type: "message.created", message: messageView(message) }])
  return sentView(ctx, tx, run)
}

/** The columns that hold what a person wrote. */
export const wordsOf = (content: string) => ({
  content,
  parts: [{ type: "text" as const, text: content }],
  codeBlocks: codeBlocks(content),
})

/** What `send` answers for a run. */
export async function sentView(ctx: Ctx, tx: EventTx, run: RunRow): Promise<Sent> {
  const queued = await mustWait(tx, run, ctx.config.maxConcurrentChats)
  return { messageId: run.messageId, runId: run.id, queued }
}

async function firstAnswer(ctx: Ctx, tx: EventTx, wish: Wish): Promise<Sent> {
  const known = await findMessage(tx, wish.messageId)
  const mine = known !== null && known.projectId === wish.projectId && known.role === "user"
  const run = mine && known.runId !== null ? await findRun(tx, wish.projectId, known.runId) : null
  if (run === null) throw new AppError("conflict", "This message id is taken.")
  return sentView(ctx, tx, run)
}
