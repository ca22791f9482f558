import type { ReadLog, Topic } from "./topic.ts"
import type { StoredEvent } from "./stored-event.ts"

/** Rows read at once by a watcher that is behind. */
const replayRows = 200

/**
 * One watcher's place in one project's log. It holds a number, not events: a slow reader costs nothing, it reads the
 * table again when it comes back.
 */
export class Subscription implements Disposable {
  #wait: (() => void) | null = null
  #leave: (() => void) | null = null
  #closed = false

  constructor(
    private readonly topic: Topic,
    private cursor: number,
    private readonly readLog: ReadLog,
    private readonly onClose: () => void,
  ) {}

  /** The last event that was taken. */
  get seq(): number {
    return this.cursor
  }

  /** What is there now, oldest first; empty when the watcher has everything. */
  async take(): Promise<readonly StoredEvent[]> {
    const kept = this.takeNow()
    if (kept !== null) return kept
    const rows = await this.readLog(this.cursor, replayRows)
    // Everything in between was pruned while this watcher slept.
    if (rows.length === 0) this.cursor = this.topic.seq
    return this.#advance(rows)
  }

  /** Like `take`, from memory only; `null` means that the table must be read. */
  takeNow(): readonly StoredEvent[] | null {
    const events = this.topic.after(this.cursor)
    return events === null ? null : this.#advance(events)
  }

  /** Calls `wake` once there may be something new, or when the subscription is closed; replaces the wait before. */
  whenNew(wake: () => void): void {
    this.#leave?.()
    this.#wait = null
    if (this.#closed || this.topic.seq > this.cursor) {
      wake()
      return
    }
    this.#wait = wake
    this.#leave = this.topic.onNext(() => this.#wake())
  }

  [Symbol.dispose](): void {
    if (this.#closed) return
    this.#closed = true
    this.#leave?.()
    this.#wake()
    this.onClose()
  }

  #wake(): void {
    const wake = this.#wait
    this.#wait = null
    this.#leave = null
    wake?.()
  }

  #advance(events: readonly StoredEvent[]): readonly StoredEvent[] {
    const last = events.at(-1)
    if (last !== undefined) this.cursor = last.seq
    return events
  }
}
