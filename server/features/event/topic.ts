import type { StoredEvent } from "./stored-event.ts"

/** How long an event that came before its turn waits for the one it follows. */
const gapMs = 50
/** What a topic keeps in memory for watchers that are a little behind; who is further behind reads the table. */
const keptEvents = 512
const keptChars = 256 * 1024

/** Reads events of one project from the table: those after `after`, at most `limit`. */
export type ReadLog = (after: number, limit: number) => Promise<StoredEvent[]>

/**
 * The live end of one project's log, in memory: the newest events in `seq` order without gaps. Commits can answer
 * out of order on different sockets, so an event that is too early waits; after 50 ms the gap is read from the table.
 */
export class Topic {
  readonly #recent: StoredEvent[] = []
  readonly #early = new Map<number, StoredEvent>()
  readonly #waiting = new Set<() => void>()
  #chars = 0
  #gapTimer: ReturnType<typeof setTimeout> | null = null
  #filling = false
  watchers = 0

  /** `head` is the last number that is known to be stored. */
  constructor(
    private head: number,
    private readonly readLog: ReadLog,
    private readonly onError: (error: unknown) => void,
  ) {}

  get seq(): number {
    return this.head
  }

  /** Takes one event from its writer; hands on what is now in order. */
  publish(event: StoredEvent): void {
    if (event.seq <= this.head) return
    if (event.seq > this.head + 1) {
      this.#early.set(event.seq, event)
      this.#gapTimer ??= setTimeout(() => this.fill(), gapMs)
      return
    }
    this.#append(event)
    this.#drainEarly()
    this.#wake()
  }

  /** Another process stored up to `seq`: read what is not here yet. */
  reach(seq: number): void {
    if (seq > this.head) this.fill()
  }

  /** Reads the table from the head on. */
  fill(): void {
    this.#clearTimer()
    if (this.#filling) return
    this.#filling = true
    void this.#fill()
      .catch(this.onError)
      .finally(() => {
        this.#filling = false
        if (this.#early.size > 0) this.#gapTimer ??= setTimeout(() => this.fill(), gapMs)
      })
  }

  /**
   * The kept events after `cursor`, oldest first. `null`: memory does not reach back that far, read the table.
   * Empty: nothing newer.
   */
  after(cursor: number): readonly StoredEvent[] | null {
    if (cursor >= this.head) return []
    const first = this.#recent[0]
    if (first === undefined || first.seq > cursor + 1) return null
    return this.#recent.slice(cursor + 1 - first.seq)
  }

  /** Calls `wake` once, at the next event. Returns a function that takes it back. */
  onNext(wake: () => void): () => void {
    this.#waiting.add(wake)
    return () => void this.#waiting.delete(wake)
  }

  close(): void {
    this.#clearTimer()
    this.#wake()
  }

  async #fill(): Promise<void> {
    for (;;) {
      const rows = await this.readLog(this.head, keptEvents)
      for (const row of rows) if (row.seq > this.head) this.#append(row)
      this.#drainEarly()
      this.#wake()
      if (rows.length < keptEvents) return
    }
  }

  #append(event: StoredEvent): void {
    // Pruned rows leave holes far behind the live end; memory never spans one.
    if (event.seq !== this.head + 1) this.#forget()
    this.head = event.seq
    this.#recent.push(event)
    this.#chars += event.json.length
    let drop = 0
    while (this.#recent.length - drop > keptEvents || (this.#chars > keptChars && this.#recent.length - drop > 1)) {
      this.#chars -= this.#recent[drop]?.json.length ?? 0
      drop++
    }
    if (drop > 0) this.#recent.splice(0, drop)
  }

  #drainEarly(): void {
    for (const seq of this.#early.keys()) if (seq <= this.head) this.#early.delete(seq)
    for (let next = this.#early.get(this.head + 1); next !== undefined; next = this.#early.get(this.head + 1)) {
      this.#early.delete(next.seq)
      this.#append(next)
    }
    if (this.#early.size === 0) this.#clearTimer()
  }

  #forget(): void {
    this.#recent.length = 0
    this.#chars = 0
  }

  #wake(): void {
    const woken = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of woken) wake()
  }

  #clearTimer(): void {
    if (this.#gapTimer !== null) clearTimeout(this.#gapTimer)
    this.#gapTimer = null
  }
}
