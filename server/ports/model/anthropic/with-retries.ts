import { setTimeout as sleep } from "node:timers/promises"
import { ModelError, type ModelEvent } from "../port.ts"

const tries = 3
const longestWaitSeconds = 60

/**
 * Repeats an attempt that failed before it produced anything: nothing was shown and no tool ran, so nothing can happen
 * twice. A provider that names a time is taken at its word; one that says "too often" without a time is left alone.
 */
export async function* withRetries(
  attempt: () => AsyncIterable<ModelEvent>,
  { signal, backoffMs }: { signal: AbortSignal; backoffMs: number },
): AsyncGenerator<ModelEvent> {
  for (let count = 1; ; count++) {
    let produced = false
    try {
      for await (const event of attempt()) {
        produced = true
        yield event
      }
      return
    } catch (error) {
      if (produced || count === tries || !(error instanceof ModelError)) throw error
      const waitMs = waitOf(error, count, backoffMs)
      if (waitMs === null) throw error
      yield { type: "waiting", seconds: Math.ceil(waitMs / 1000), kind: error.kind }
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
      signal.throwIfAborted()
    }
  }
}

function waitOf({ kind, waitSeconds }: ModelError, count: number, backoffMs: number): number | null {
  if (kind !== "provider_rate_limit" && kind !== "provider_busy" && kind !== "provider_cut") return null
  if (waitSeconds !== null) return waitSeconds <= longestWaitSeconds ? waitSeconds * 1000 : null
  if (kind === "provider_rate_limit") return null
  return backoffMs * 2 ** (count - 1) * (0.5 + Math.random() / 2)
}
