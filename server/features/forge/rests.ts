export interface Pauses {
  /** The pause after the first time that something did not work; each next one is twice as long. */
  firstMs: number
  longestMs: number
}

/** What is left alone for a while, by name. */
export class Rests {
  readonly #until = new Map<string, { at: number; tries: number }>()

  constructor(private readonly pauses: Pauses) {}

  /** It did not work: answers how often now, in a row. */
  failed(name: string): number {
    const tries = (this.#until.get(name)?.tries ?? 0) + 1
    const { firstMs, longestMs } = this.pauses
    const pause = Math.min(firstMs * 2 ** Math.min(tries - 1, 20), longestMs) * (0.75 + Math.random() / 2)
    this.#until.set(name, { at: performance.now() + pause, tries })
    return tries
  }

  /** It is left alone for so long. */
  for(name: string, ms: number): void {
    this.#until.set(name, { at: performance.now() + ms, tries: 0 })
  }

  end(name: string): void {
    this.#until.delete(name)
  }

  /** It may go on now, unless it rests because it did not work. */
  wake(name: string): void {
    if (this.#until.get(name)?.tries === 0) this.#until.delete(name)
  }

  has(name: string): boolean {
    return (this.#until.get(name)?.at ?? 0) > performance.now()
  }

  /** All that rest now. */
  names(): string[] {
    const now = performance.now()
    for (const [name, { at, tries }] of this.#until) if (at <= now && tries === 0) this.#until.delete(name)
    return [...this.#until].filter(([, { at }]) => at > now).map(([name]) => name)
  }

  /** In how many milliseconds the next one is over; null when none rests. */
  get nextMs(): number | null {
    const now = performance.now()
    const left = [...this.#until.values()].map(({ at }) => at - now).filter((ms) => ms > 0)
    return left.length === 0 ? null : Math.ceil(Math.min(...left))
  }
}
