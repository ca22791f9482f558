import type { messages } from "../../../drizzle/schema/message.ts"
import type { runs } from "../../../drizzle/schema/run.ts"
import type { RunInfo } from "../../../shared/chat.ts"
import type { Message } from "../../../shared/message.ts"

export type MessageRow = typeof messages.$inferSelect
export type RunRow = typeof runs.$inferSelect

/** A message as clients see it. */
export const messageView = (row: MessageRow): Message => ({
  id: row.id,
  role: row.role,
  content: row.content,
  parts: row.parts,
  codeBlocks: row.codeBlocks,
  runId: row.runId,
  versionSha: row.versionSha,
  tokensUsed: row.tokensUsed,
  createdAt: row.createdAt.toISOString(),
})

/** A run as clients see it, the same as `shared/reduce.ts` makes it from events. */
export const runView = (row: RunRow): RunInfo => ({
  runId: row.id,
  messageId: row.messageId,
  answerId: row.answerId,
  state: row.state,
  outcome: row.outcome,
  error: row.error,
  recoverable: row.recoverable,
})
