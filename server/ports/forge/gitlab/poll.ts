import { pause } from "./limits.ts"

export interface PollTiming {
  /** The pause after something changed. */
  firstMs: number
  /** The longest pause while nothing changes. */
  longestMs: number
  /** The least between two looks, however many hints come. */
  leastMs: number
}

export const pollTiming: PollTiming = { firstMs: 2_000, longestMs: 15_000, leastMs: 400 }

/** When to look the next time: soon after a change, later and later while nothing changes, at once after a hint. */
export class Poll {
  #pauseMs: number
  #lookedAt = 0
  #hint: Promise<void> | null = null
  #hinted = false

  constructor(
    private readonly hint: () => Promise<void>,
    private readonly timing: PollTiming,
    /** What the pauses are now, when others want to look, too. */
    private readonly pace: (timing: PollTiming) => PollTiming = (timing) => timing,
  ) {
    this.#pauseMs = timing.firstMs
  }

  /** A look begins: a hint from now on is for the next one. */
  look(): void {
    this.#lookedAt = performance.now()
    this.#hinted = false
    this.#hint ??= this.hint().then(() => {
      this.#hint = null
      this.#hinted = true
    })
  }

  /** Something changed, so more may follow soon. */
  changed(): void {
    this.#pauseMs = this.timing.firstMs
  }

  /** Waits for the next look; throws the signal's reason when it is aborted. `askedMs`: GitLab wants to be left alone. */
  async wait(signal: AbortSignal, askedMs = 0): Promise<void> {
    const { firstMs, longestMs } = this.pace(this.timing)
    const jittered = Math.max(this.#pauseMs, firstMs) * (0.75 + Math.random() / 2)
    this.#pauseMs = Math.min(this.#pauseMs * 1.5, longestMs)
    const over = new AbortController()
    const both = AbortSignal.any([signal, over.signal])
    const hinted = this.#hinted || this.#hint === null ? Promise.resolve() : this.#hint
    try {
      const clock = pause(Math.max(jittered, askedMs), both)
      clock.catch(() => {})
      await (askedMs > 0 ? clock : Promise.race([clock, hinted]))
    } finally {
      over.abort()
    }
    const gap = this.#lookedAt + this.timing.leastMs - performance.now()
    if (gap > 0) await pause(gap, signal)
  }
}
