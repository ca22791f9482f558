import { z } from "zod"
import { id, sha } from "./ids.ts"

export const sandboxKind = z.enum(["draft", "live", "version"])
export type SandboxKind = z.infer<typeof sandboxKind>
export const sandboxState = z.enum(["absent", "starting", "ready", "asleep", "failed"])
export type SandboxState = z.infer<typeof sandboxState>

export const sandbox = z.object({
  kind: sandboxKind,
  state: sandboxState,
  url: z.string().nullable(),
  sha: sha.nullable(),
  /** Plain words: why it failed, or what it is doing. */
  reason: z.string().nullable(),
})
export type Sandbox = z.infer<typeof sandbox>

/** `sha` names the version when kind is `version`. */
export const sandboxInput = z.object({ projectId: id, kind: sandboxKind, sha: sha.optional() })
export const sandboxLog = z.object({ text: z.string() })
