/** Spends requests evenly: some at once, the rest at a steady pace; everybody waits when GitLab asked to. */
export class RequestLimiter {
  #left: number
  #filledAt = Date.now()
  #pausedUntil = 0

  constructor(
    private readonly perMinute: number,
    private readonly burst: number = Math.max(1, Math.ceil(perMinute / 4)),
  ) {
    this.#left = burst
  }

  /** Waits until one more request may go out. */
  async take(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      const wait = this.#wait()
      if (wait === 0) return
      await pause(wait, signal)
    }
  }

  /** Nobody asks for a while. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + ms)
  }

  #wait(): number {
    const now = Date.now()
    if (now < this.#pausedUntil) return this.#pausedUntil - now
    const perMs = this.perMinute / 60_000
    this.#left = Math.min(this.burst, this.#left + (now - this.#filledAt) * perMs)
    this.#filledAt = now
    if (this.#left < 1) return Math.max(1, Math.ceil((1 - this.#left) / perMs))
    this.#left--
    return 0
  }
}

/** Waits; throws the signal's reason when it is aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = (): void => {
      clearTimeout(timer)
      reject(reasonOf(signal))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop)
      resolve()
    }, ms)
    signal?.addEventListener("abort", stop, { once: true })
  })
}

const reasonOf = (signal: AbortSignal | undefined): Error =>
  signal?.reason instanceof Error ? signal.reason : new DOMException("The wait was given up.", "AbortError")
