/** Values pushed from anywhere, taken in order by one reader; ends when `end` was called and all are taken. */
export class EventQueue<T> implements AsyncIterable<T> {
  #values: T[] = []
  #ended = false
  #wake: (() => void) | null = null

  push(value: T): void {
    if (this.#ended) return
    this.#values.push(value)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      const values = this.#values
      this.#values = []
      yield* values
      if (this.#values.length > 0) continue
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = null
    }
  }
}
