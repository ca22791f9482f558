import type { RunErrorKind } from "../../../shared/errors.ts"
import type { RunUsage } from "../../../shared/run.ts"

/** A tool as a model sees it: `input` is a JSON schema of an object. */
export interface ToolSpec {
  name: string
  description: string
  input: Record<string, unknown>
}

/** One block of a turn, in our words. */
export type TurnBlock =
  | { type: "text"; text: string }
  | { type: "toolCall"; callId: string; tool: string; input: unknown }
  | { type: "toolResult"; callId: string; text: string; failed: boolean }

export interface Turn {
  role: "user" | "assistant"
  blocks: TurnBlock[]
}

export interface ModelRequest {
  model: string
  /** Stable parts first: providers cache by prefix. */
  system: string[]
  tools: ToolSpec[]
  turns: Turn[]
  maxTokens: number
}

/** Why the model stopped, in our words. `length` = the output limit, `context` = the window is full. */
export type StopReason = "end" | "tools" | "length" | "pause" | "refusal" | "context"

export type ModelEvent =
  | { type: "text"; text: string }
  /** A call begins; its input follows in pieces. */
  | { type: "toolStart"; callId: string; tool: string }
  /** A raw piece of the input's JSON, only for showing progress. */
  | { type: "toolInput"; callId: string; json: string }
  /** The whole call. Whether it may run is decided by the stop reason. */
  | { type: "toolCall"; callId: string; tool: string; input: unknown }
  /** An attempt failed before anything was produced; the adapter waits and tries again. */
  | { type: "waiting"; seconds: number; kind: RunErrorKind }
  | { type: "usage"; usage: RunUsage }
  | { type: "stop"; reason: StopReason }

/**
 * A provider failed. `retryable` is true only when the same request may succeed later;
 * `words` and `detail` never hold a key.
 */
export class ModelError extends Error {
  override readonly name = "ModelError"

  constructor(
    readonly kind: RunErrorKind,
    readonly detail: string,
    readonly retryable: boolean,
    readonly waitSeconds: number | null = null,
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}

export interface ModelInfo {
  id: string
  name: string
}

export interface Model {
  readonly provider: "anthropic" | "demo"
  /** The model used when a request names none. */
  readonly defaultModel: string
  /** What the demo can build, in words; empty for a real model. */
  readonly scenes: readonly string[]
  /** Models a person may choose; never throws, an unreachable provider gives the default alone. */
  list(): Promise<ModelInfo[]>
  /** Size of the window in tokens. */
  window(model: string): number
  /**
   * One answer. Ends with exactly one `stop` after all else, or throws `ModelError`.
   * Aborting the signal ends the upstream request at once and throws the signal's reason.
   * A silent provider is ended by the adapter itself with `provider_silent`.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>
  /** A short answer without streaming or tools (a title). Throws `ModelError`. */
  complete(request: Omit<ModelRequest, "tools">, signal: AbortSignal): Promise<string>
  /** The starter that a first wish calls for, where that is known before the answer begins. */
  templateFor?(wish: string): string | null
  health(): Promise<"healthy" | "unhealthy">
}
