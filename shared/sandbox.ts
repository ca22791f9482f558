import { z } from "zod"
import { id, sha, time } from "./ids.ts"

export const sandboxKind = z.enum(["draft", "live", "version"])
export type SandboxKind = z.infer<typeof sandboxKind>
export const sandboxState = z.enum(["absent", "starting", "ready", "asleep", "failed"])
export type SandboxState = z.infer<typeof sandboxState>

/** What is in the way: the app itself, what runs apps, the number of apps awake, or no room for its files. */
export const sandboxCause = z.enum(["app", "engine", "limit", "disk"])
export type SandboxCause = z.infer<typeof sandboxCause>

export const sandbox = z.object({
  kind: sandboxKind,
  state: sandboxState,
  url: z.string().nullable(),
  sha: sha.nullable(),
  /** Plain words: why it failed, or what it is doing. */
  reason: z.string().nullable(),
  /** Whose fault the reason is; null when nothing is wrong. */
  cause: sandboxCause.nullable(),
})
export type Sandbox = z.infer<typeof sandbox>

/** `sha` names the version when kind is `version`. */
export const sandboxInput = z.object({ projectId: id, kind: sandboxKind, sha: sha.optional() })
export const sandboxLog = z.object({ text: z.string() })

/** An app that is awake. */
export const runningApp = z.object({
  projectId: id,
  title: z.string(),
  kind: sandboxKind,
  sha: sha.nullable(),
  state: sandboxState,
  url: z.string().nullable(),
  /** Last request, command or start. */
  usedAt: time,
})
export type RunningApp = z.infer<typeof runningApp>
