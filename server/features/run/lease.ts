import type { Services } from "../../context.ts"
import { renewLeases, stopsAskedFor } from "./line-store.ts"

const beatMs = 1_000
/** Every so many beats the leases are renewed. */
const renewBeats = 3
/** Without a database for so long a run is given up: nothing of what it says could be stored. */
const silenceMs = 30_000

interface Held {
  running(): string[]
  end(runId: string, why: "stopped" | "lost"): void
}

/**
 * Keeps this process' claims alive. A run whose lease was lost ends at once and without a word: somebody else may be
 * ending it already. A lease that ran out and that nobody took (the machine slept) goes on; the fence makes that safe.
 * Also hears of stops that were asked for elsewhere.
 */
export class Leases {
  #timer: ReturnType<typeof setInterval> | null = null
  #beats = 0
  #beating = false
  #renewedAt = performance.now()

  constructor(
    private readonly services: Pick<Services, "db" | "log">,
    private readonly holder: string,
    private readonly held: Held,
  ) {}

  start(): void {
    this.#renewedAt = performance.now()
    this.#timer = setInterval(() => void this.#beat(), beatMs)
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  async #beat(): Promise<void> {
    const runIds = this.held.running()
    if (runIds.length === 0) this.#renewedAt = performance.now()
    else if (performance.now() - this.#renewedAt > silenceMs) for (const id of runIds) this.held.end(id, "lost")
    if (runIds.length === 0 || this.#beating) return
    this.#beating = true
    try {
      for (const runId of await stopsAskedFor(this.services.db, runIds)) this.held.end(runId, "stopped")
      this.#beats++
      if (this.#beats % renewBeats === 0) await this.#renew(runIds)
    } catch (error) {
      this.services.log.error({ err: error }, "the leases of runs could not be renewed")
    } finally {
      this.#beating = false
    }
  }

  async #renew(runIds: string[]): Promise<void> {
    const asked = performance.now()
    const alive = new Set(await renewLeases(this.services.db, this.holder, runIds))
    this.#renewedAt = asked
    for (const runId of runIds) if (!alive.has(runId)) this.held.end(runId, "lost")
  }
}
