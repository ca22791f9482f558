import { z } from "zod"
import { id, sha, time } from "./ids.ts"

export const toolPart = z.object({
  type: z.literal("tool"),
  callId: z.string(),
  tool: z.string(),
  path: z.string().optional(),
  state: z.enum(["running", "ok", "failed"]),
  /** Lines written so far, while it runs. */
  lines: z.int().optional(),
  added: z.int().optional(),
  removed: z.int().optional(),
})
export type ToolPart = z.infer<typeof toolPart>

export const messagePart = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  toolPart,
  z.object({ type: z.literal("question"), question: z.string(), choices: z.array(z.string()) }),
  z.object({ type: z.literal("nextSteps"), steps: z.array(z.string()) }),
])
export type MessagePart = z.infer<typeof messagePart>

/** One fenced block of `content`, per CommonMark. Lines count from 1, indexes are UTF-16 offsets into `content`. */
export const codeBlock = z.object({
  language: z.string(),
  code: z.string(),
  startLine: z.int(),
  endLine: z.int(),
  startIndex: z.int(),
  endIndex: z.int(),
})
export type CodeBlock = z.infer<typeof codeBlock>

export const message = z.object({
  id,
  role: z.enum(["user", "assistant"]),
  /** All text parts joined: what the model said, byte for byte. */
  content: z.string(),
  parts: z.array(messagePart),
  codeBlocks: z.array(codeBlock),
  runId: id.nullable(),
  versionSha: sha.nullable(),
  tokensUsed: z.int(),
  createdAt: time,
})
export type Message = z.infer<typeof message>
