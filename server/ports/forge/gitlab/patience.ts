import { faultOf } from "./faults.ts"
import { pause } from "./limits.ts"

export interface PatienceTiming {
  /** The pause after the first failure; each next one is twice as long. */
  firstMs: number
  longestMs: number
  /** So long GitLab may refuse, e.g. because a token expired. */
  refusedMs: number
}

export const patienceTiming: PatienceTiming = { firstMs: 1_000, longestMs: 60_000, refusedMs: 600_000 }

/** GitLab refused for too long. The message is for people. */
export class GaveUp extends Error {
  override readonly name = "GaveUp"
}

export interface Patience {
  signal: AbortSignal
  timing: PatienceTiming
  /** Resolves with the next news: then it is tried at once. */
  hint: () => Promise<void>
  /** Told why nothing moves, each reason once; null: it moves again. */
  waiting: (words: string | null) => void
}

/**
 * Does the work, again and again until GitLab lets it be done: for ever while it does not answer, for a while when it
 * refuses and somebody may change that, not at all when it never will (then `GaveUp`). Throws the signal's reason, and whatever has nothing to do with GitLab.
 */
export async function patiently<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  const { signal, timing, waiting } = patience
  let told: string | null = null
  let refusedAt: number | null = null
  for (let wait = timing.firstMs; ; wait = Math.min(wait * 2, timing.longestMs)) {
    const hint = patience.hint()
    try {
      signal.throwIfAborted()
      const done = await work()
      if (told !== null) waiting(null)
      return done
    } catch (error) {
      signal.throwIfAborted()
      const fault = faultOf(error)
      if (fault === null) throw error
      if (fault.kind === "stays") throw new GaveUp(fault.words)
      refusedAt = fault.kind === "passes" ? null : (refusedAt ?? performance.now())
      if (refusedAt !== null && performance.now() - refusedAt >= timing.refusedMs) throw new GaveUp(fault.words)
      if (told !== fault.words) waiting(fault.words)
      told = fault.words
      await rest(Math.max(wait * (0.75 + Math.random() / 2), fault.askedMs), fault.askedMs > 0 ? null : hint, signal)
    }
  }
}

async function rest(ms: number, hint: Promise<void> | null, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const clock = pause(ms, AbortSignal.any([signal, over.signal]))
  clock.catch(() => {})
  try {
    await (hint === null ? clock : Promise.race([clock, hint]))
  } finally {
    over.abort()
  }
}
