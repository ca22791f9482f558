/** Work that nobody waits for; what goes wrong in it is noted. */
export class Background {
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  readonly #working = new Set<Promise<void>>()
  #closed = false

  constructor(private readonly note: (words: string) => void) {}

  later(work: () => Promise<void>, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      const done = work()
        .catch((error: unknown) => this.fault(error))
        .finally(() => this.#working.delete(done))
      this.#working.add(done)
    }, ms)
    this.#timers.add(timer)
  }

  fault(error: unknown): void {
    if (!this.#closed) this.note(`in the background: ${error instanceof Error ? error.stack : String(error)}`)
  }

  get quiet(): boolean {
    return this.#timers.size === 0 && this.#working.size === 0
  }

  /** Nothing begins any more; what has begun is waited for. */
  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    await Promise.all(this.#working)
  }
}
