import type { z } from "zod"
import type { ChatHistory, chatHistoryInput } from "../../../shared/chat.ts"
import type { Message } from "../../../shared/message.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import type { Transaction } from "../../lib/database.ts"
import { logPosition } from "../event/position.ts"
import { authorizeProject } from "../project/access.ts"
import { openAnswer } from "./open-answer.ts"
import { findRun, openOrBrokenRuns, pageOfMessages } from "./store.ts"
import { messageView, type MessageRow, runView } from "./view.ts"

/** A page of the conversation and the log position it stands for, from one snapshot of the database. */
export async function history(ctx: Ctx, input: z.infer<typeof chatHistoryInput>): Promise<ChatHistory> {
  const project = await authorizeProject(ctx, input.projectId)
  const before = input.before === undefined ? null : positionOf(input.before)
  return ctx.db.transaction(
    async (tx) => {
      const seq = await logPosition(tx, project.id)
      if (seq === null) throw new AppError("not_found")
      // One more than asked for tells whether there is a page before this one.
      const rows = await pageOfMessages(tx, project.id, { before, limit: input.limit + 1 })
      const page = rows.length > input.limit ? rows.slice(1) : rows
      const wishes = page.filter((row) => row.role === "user").map((row) => row.id)
      const runs = await openOrBrokenRuns(tx, wishes)
      const messages: Message[] = []
      for (const row of page) messages.push(row.complete ? messageView(row) : await stillOpen(tx, row))
      return {
        messages,
        runs: runs.map(runView),
        seq,
        nextCursor: rows.length > input.limit ? String(page[0]?.position) : null,
      }
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  )
}

async function stillOpen(tx: Transaction, row: MessageRow): Promise<Message> {
  const run = row.runId === null ? null : await findRun(tx, row.projectId, row.runId)
  return run === null ? messageView(row) : openAnswer(tx, row, run)
}

function positionOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new AppError("bad_input", "This cursor is not one of ours.")
  return Number(cursor)
}
