import { z } from "zod"
import { id } from "./ids.ts"
import { message } from "./message.ts"
import { runError, runOutcome } from "./run.ts"

/** The upper bound of any server; the server's own (`MAX_MESSAGE_CHARS`) is in `system.info.limits`. */
const content = z.string().min(1).max(1_000_000)

export const chatSendInput = z.object({
  projectId: id,
  messageId: id.optional(),
  content,
  model: z.string().max(120).optional(),
})
export const chatSendOutput = z.object({ messageId: id, runId: id, queued: z.boolean() })

export const chatHistoryInput = z.object({
  projectId: id,
  before: z.string().max(200).optional(),
  limit: z.int().min(1).max(500).default(100),
})

/** What a client needs to know of a run that is not over, or that ended in another way than `completed`. */
export const runInfo = z.object({
  runId: id,
  /** The person's message that asked for it. */
  messageId: id,
  /** The answer, once the run has started. */
  answerId: id.nullable(),
  state: z.enum(["queued", "running", "finished"]),
  outcome: runOutcome.nullable(),
  error: runError.nullable(),
  /** A stopped or failed run left edits that `version.keep` can take. */
  recoverable: z.boolean(),
})
export type RunInfo = z.infer<typeof runInfo>

export const chatHistory = z.object({
  messages: z.array(message),
  /** Runs of these messages that are queued, running, or ended otherwise than `completed`; oldest first. */
  runs: z.array(runInfo),
  /** The log position of this snapshot: watch from here and nothing is missed or doubled. */
  seq: z.int(),
  nextCursor: z.string().nullable(),
})
export type ChatHistory = z.infer<typeof chatHistory>

export const chatRunInput = z.object({ projectId: id, runId: id })
export const chatEditInput = z.object({ projectId: id, messageId: id, content })
export const chatUnqueueInput = z.object({ projectId: id, messageId: id })
