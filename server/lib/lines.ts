/** Work that waits in line: one at a time for each key, in the order it was asked for. */
export class Lines {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Does the work when all that was asked for before under this key is over, however it ended. */
  async wait<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work, work)
    const settled = mine.catch(() => {})
    this.#last.set(key, settled)
    try {
      return await mine
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    }
  }
}
