import { z } from "zod"
import { build } from "./build.ts"
import { id, sha } from "./ids.ts"
import { message } from "./message.ts"
import { project } from "./project.ts"
import { runError, runOutcome, runUsage } from "./run.ts"
import { sandboxCause, sandboxKind, sandboxState } from "./sandbox.ts"
import { version } from "./version.ts"

/** What happened, without its place in the log. Clients ignore types that they do not know. */
export const news = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message.created"), message }),
  z.object({ type: z.literal("message.removed"), messageId: id }),
  z.object({ type: z.literal("run.started"), runId: id }),
  z.object({ type: z.literal("message.delta"), messageId: id, text: z.string() }),
  z.object({
    type: z.literal("tool.started"),
    messageId: id,
    callId: z.string(),
    tool: z.string(),
    path: z.string().optional(),
  }),
  z.object({
    type: z.literal("tool.delta"),
    messageId: id,
    callId: z.string(),
    lines: z.int(),
    path: z.string().optional(),
  }),
  z.object({
    type: z.literal("tool.finished"),
    messageId: id,
    callId: z.string(),
    ok: z.boolean(),
    path: z.string().optional(),
    added: z.int().optional(),
    removed: z.int().optional(),
  }),
  z.object({ type: z.literal("message.completed"), message }),
  z.object({
    type: z.literal("run.finished"),
    runId: id,
    outcome: runOutcome,
    error: runError.optional(),
    usage: runUsage,
    /** The run left edits that `version.keep` can take. */
    recoverable: z.boolean(),
  }),
  z.object({ type: z.literal("version.created"), version }),
  z.object({ type: z.literal("build.changed"), build }),
  z.object({ type: z.literal("build.log"), buildId: id, jobId: id, from: z.int(), text: z.string() }),
  z.object({
    type: z.literal("sandbox.changed"),
    kind: sandboxKind,
    state: sandboxState,
    url: z.string().nullable(),
    sha: sha.nullable(),
    reason: z.string().optional(),
    cause: sandboxCause.optional(),
  }),
  z.object({ type: z.literal("project.changed"), project }),
])
export type News = z.infer<typeof news>

/** Sent instead of the log when the asked-for part of it is gone: load `chat.history`, watch from there. */
export interface StreamReset {
  type: "stream.reset"
  seq: number
  at: string
}

export type ProjectEvent = (News & { seq: number; at: string }) | StreamReset

export const watchInput = z.object({
  projectId: id,
  lastEventId: z
    .string()
    .regex(/^\d{1,15}$/)
    .nullish(),
})
