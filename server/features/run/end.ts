import type { MessagePart } from "../../../shared/message.ts"
import { type RunErrorKind, runErrors } from "../../../shared/errors.ts"
import type { RunError } from "../../../shared/run.ts"
import { cleanText } from "../../lib/clean-text.ts"
import { ModelError } from "../../ports/model/port.ts"
import { FenceLost } from "../event/append.ts"

/** How a run ends. `lost`: it is somebody else's now, so this process says nothing more about it. */
export type RunEnd =
  | { outcome: "completed"; part: MessagePart | null }
  | { outcome: "stopped" | "interrupted"; error: null }
  | { outcome: "failed"; error: RunError }
  | { outcome: "lost" }

/** Why a run was told to end before its time; the reason of its abort signal. */
export class RunAborted extends Error {
  override readonly name = "RunAborted"

  constructor(readonly why: "stopped" | "interrupted" | "timeout" | "lost") {
    super(`the run was ${why}`)
  }
}

/** A way to fail that has plain words. */
export class RunFailed extends Error {
  override readonly name = "RunFailed"

  constructor(
    readonly kind: RunErrorKind,
    readonly detail: string | null = null,
  ) {
    super(detail ?? runErrors[kind])
  }
}

/** Something of a step was stored before it failed (the cause), so it cannot simply be asked again. */
export class StepBroken extends Error {
  override readonly name = "StepBroken"
}

/** Turns what ended a run into how it ends. The reason of the signal counts before what it caused. */
export function endOf(error: unknown, signal: AbortSignal): RunEnd {
  const broken: unknown = error instanceof StepBroken ? error.cause : error
  const cause: unknown = signal.aborted ? signal.reason : broken
  if (cause instanceof RunAborted) {
    if (cause.why === "timeout") return failedEnd("timeout", null)
    return cause.why === "lost" ? { outcome: "lost" } : { outcome: cause.why, error: null }
  }
  if (cause instanceof FenceLost) return { outcome: "lost" }
  if (cause instanceof ModelError || cause instanceof RunFailed) return failedEnd(cause.kind, cause.detail)
  return failedEnd("internal", null)
}

function failedEnd(kind: RunErrorKind, detail: string | null): RunEnd {
  return {
    outcome: "failed",
    error: { kind, words: runErrors[kind], detail: detail === null ? null : cleanText(detail).slice(0, 2_000) },
  }
}

/** Waits for work that does not know the signal; rejects with the signal's reason as soon as that is aborted. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined)
    throw signal.reason
  }
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener("abort", abort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener("abort", abort)
  }
}
