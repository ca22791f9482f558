export interface WatchdogLimits {
  /** Until the first sign of life. */
  firstByteMs: number
  /** Between two signs of life. Pings alone count for three times as long. */
  idleMs: number
}

/** Calls `bark` once when the provider is silent for too long. One timer for a whole answer, not one an event. */
export class Watchdog {
  silent = false
  #signAt = performance.now()
  #contentAt = performance.now()
  #begun = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly limits: WatchdogLimits,
    private readonly bark: () => void,
  ) {
    this.#arm()
  }

  /** Something came. `ping`: the connection lives, the answer does not grow. */
  sign(kind: "content" | "ping"): void {
    this.#signAt = performance.now()
    if (kind === "content") this.#contentAt = this.#signAt
    if (this.#begun) return
    this.#begun = true
    this.#arm()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #deadline(): number {
    if (!this.#begun) return this.#signAt + this.limits.firstByteMs
    return Math.min(this.#signAt + this.limits.idleMs, this.#contentAt + 3 * this.limits.idleMs)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), Math.max(1, this.#deadline() - performance.now()))
  }

  #look(): void {
    if (this.#deadline() > performance.now()) {
      this.#arm()
      return
    }
    this.silent = true
    this.bark()
  }
}
