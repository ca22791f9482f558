import type { Services } from "../../context.ts"
import { Rests } from "./rests.ts"
import type { SyncTiming } from "./sync-timing.ts"

/**
 * `done`; `asked`: done, and not to be asked about again at once; `busy`: somebody else has to be done first; `changed`:
 * done, and left alone longer each time in a row that it is changed again.
 */
export type Outcome = "done" | "asked" | "busy" | "changed"

/** One after another for each name, and what did not work is left alone for a while. */
export class Desks {
  readonly rests: Rests
  readonly #working = new Map<string, Promise<boolean>>()
  readonly #closing = new AbortController()

  constructor(
    private readonly log: Services["log"],
    private readonly timing: SyncTiming,
    /** After each piece of work. */
    private readonly free: () => void,
  ) {
    this.rests = new Rests(timing)
  }

  get count(): number {
    return this.#working.size
  }

  /** What is worked on, or rests. */
  get taken(): string[] {
    return [...this.#working.keys(), ...this.rests.names()]
  }

  isTaken(name: string): boolean {
    return this.#working.has(name) || this.rests.has(name)
  }

  /** Works on it unless it is worked on, or rests. False when it did not work; never throws. */
  async work(name: string, work: (signal: AbortSignal) => Promise<Outcome>): Promise<boolean> {
    if (this.#closing.signal.aborted || this.isTaken(name)) return true
    const done = this.#try(name, work)
    this.#working.set(name, done)
    try {
      return await done
    } finally {
      this.#working.delete(name)
      this.free()
    }
  }

  async #try(name: string, work: (signal: AbortSignal) => Promise<Outcome>): Promise<boolean> {
    try {
      const outcome = await work(AbortSignal.any([this.#closing.signal, AbortSignal.timeout(longestMs)]))
      if (outcome === "done") this.rests.end(name)
      else if (outcome === "changed") this.rests.failed(name)
      else this.rests.for(name, outcome === "busy" ? this.timing.busyMs : this.timing.gapMs)
      return true
    } catch (err) {
      if (this.#closing.signal.aborted) return false
      const tries = this.rests.failed(name)
      // Once in the log is enough for as long as it lasts.
      this.log[tries === 1 ? "warn" : "debug"]({ err, name, tries }, "GitLab could not be asked; it is tried again")
      return false
    }
  }

  /** Nothing begins any more; what works is asked to end, and waited for a moment. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the server is stopping"))
    await Promise.race([Promise.allSettled(this.#working.values()), Bun.sleep(closeMs)])
  }
}

/** One piece of work. */
const longestMs = 90_000
const closeMs = 1_500
