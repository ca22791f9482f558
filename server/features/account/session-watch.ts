import type { Logger } from "pino"
import type { Database } from "../../lib/database.ts"
import { readAlive } from "./store.ts"

/** A revoked session's streams must end within 5 s, also when another process revoked it. */
const checkMs = 2_000

/** Tells open streams that their session or API key is no longer good: at once from this process, else by asking. */
export class SessionWatch {
  readonly #open = new Map<string, { controller: AbortController; streams: number }>()
  #asking = false

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
  ) {}

  /** A signal that aborts when this session or key ends. Call `close` once when it is no longer needed. */
  open(id: string): { signal: AbortSignal; close: () => void } {
    const watched = this.#open.get(id) ?? { controller: new AbortController(), streams: 0 }
    watched.streams++
    this.#open.set(id, watched)
    if (!this.#asking) this.#ask()
    return {
      signal: watched.controller.signal,
      close: () => {
        watched.streams--
        if (watched.streams === 0 && this.#open.get(id) === watched) this.#open.delete(id)
      },
    }
  }

  /** This session or key was revoked here. */
  end(id: string): void {
    const watched = this.#open.get(id)
    this.#open.delete(id)
    watched?.controller.abort()
  }

  #ask(): void {
    this.#asking = true
    setTimeout(() => void this.#check(), checkMs)
  }

  async #check(): Promise<void> {
    const ids = [...this.#open.keys()]
    try {
      if (ids.length > 0) {
        const alive = await readAlive(this.db, ids)
        for (const id of ids) if (!alive.has(id)) this.end(id)
      }
    } catch (error) {
      // Nobody is thrown out because the database is away for a moment.
      this.log.warn({ err: error }, "sessions could not be checked")
    }
    this.#asking = false
    if (this.#open.size > 0) this.#ask()
  }
}
