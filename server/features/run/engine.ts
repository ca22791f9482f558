import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { type Claim, claimNext } from "./claim.ts"
import { RunAborted } from "./end.ts"
import { executeRun } from "./execute.ts"
import { leaveLine } from "./leave-line.ts"
import { Leases } from "./lease.ts"
import { recoverRuns } from "./recover.ts"
import { askToStop, openRunIds } from "./line-store.ts"
import type { Runs } from "./runs.ts"
import { findRun } from "./store.ts"

/** So many claims at once: one takes some milliseconds, and many people may send in the same moment. */
const mostClaimers = 6
/** Pause when the next run's project is being written to. */
const busyMs = 15
const sweepMs = 3_000
/** Runs that are told to end get so long to say goodbye. */
const farewellMs = 3_000

interface Active {
  projectId: string
  abort: AbortController
  done: Promise<void>
}

/** Makes the engine of this process; it does nothing before `start` or the first `kick`. */
export const createRuns = (services: Services): Runs => new RunEngine(services)

class RunEngine implements Runs {
  readonly #holder = newId()
  readonly #active = new Map<string, Active>()
  readonly #leases: Leases
  #claimers = 0
  readonly #claims = new Set<Promise<void>>()
  /** Claims that are on their way to the database and back. */
  #claiming = 0
  /** A kick came since somebody began to look at the line. */
  #kicked = false
  #sweeping: Promise<void> | null = null
  #sweep: ReturnType<typeof setInterval> | null = null
  #draining = false

  constructor(private readonly services: Services) {
    this.#leases = new Leases(services, this.#holder, {
      running: () => [...this.#active.keys()],
      end: (runId, why) => this.#active.get(runId)?.abort.abort(new RunAborted(why)),
    })
  }

  async start(): Promise<void> {
    // On the embedded database this server is alone; elsewhere others may be at work.
    const which = this.services.config.databaseUrl === null ? "all" : "expired"
    const count = await recoverRuns(this.services, { holder: this.#holder, which })
    if (count > 0) this.services.log.info({ count }, "runs of an earlier server were ended")
    this.#leases.start()
    this.#sweep = setInterval(() => {
      this.#sweeping ??= this.#lookAround()
    }, sweepMs)
    this.kick()
  }

  kick(): void {
    this.#kicked = true
    if (this.#draining || this.#full || this.#claimers >= mostClaimers) return
    this.#claimers++
    const claiming = this.#claim().finally(() => {
      this.#claimers--
      this.#claims.delete(claiming)
      // A kick may have come between the last look and here.
      if (this.#kicked && this.#claimers === 0) this.kick()
    })
    this.#claims.add(claiming)
  }

  get #full(): boolean {
    return this.#active.size + this.#claiming >= this.services.config.maxConcurrentChats
  }

  async #claim(): Promise<void> {
    while (this.#kicked && !this.#draining && !this.#full) {
      this.#kicked = false
      await this.#claimAll().catch((error: unknown) => {
        // The next sweep tries again.
        this.services.log.error({ err: error }, "no run could be claimed")
      })
    }
  }

  async #claimAll(): Promise<void> {
    while (!this.#draining) {
      if (this.#full) {
        // Whoever is claiming now may have looked before the run came that we were called for.
        this.#kicked ||= this.#claiming > 0
        return
      }
      this.#claiming++
      const claim = await claimNext(this.services, this.#holder).finally(() => this.#claiming--)
      if (claim === "none") return
      if (claim === "busy") await Bun.sleep(busyMs)
      else this.#launch(claim)
    }
  }

  #launch(claim: Claim): void {
    const { id, projectId } = claim.run
    const abort = new AbortController()
    const minutes = this.services.config.runTimeoutMinutes
    const timer = setTimeout(() => abort.abort(new RunAborted("timeout")), minutes * 60_000)
    const done = executeRun(this.services, claim, abort.signal).finally(() => {
      clearTimeout(timer)
      this.#active.delete(id)
      this.kick()
    })
    this.#active.set(id, { projectId, abort, done })
    // The claim was under way when the drain began.
    if (this.#draining) abort.abort(new RunAborted("interrupted"))
  }

  async stop(projectId: string, runId: string): Promise<void> {
    if (await leaveLine(this.services, projectId, runId)) return
    if ((await findRun(this.services.db, projectId, runId)) === null) throw new AppError("not_found")
    const active = this.#active.get(runId)
    if (active?.projectId === projectId) active.abort.abort(new RunAborted("stopped"))
    // Also when it is ours: it may be between its claim and its beginning.
    await askToStop(this.services.db, projectId, runId)
  }

  async stopProject(projectId: string): Promise<void> {
    for (const runId of await openRunIds(this.services.db, projectId)) await this.stop(projectId, runId)
    const mine = [...this.#active.values()].filter((active) => active.projectId === projectId)
    for (const { abort } of mine) abort.abort(new RunAborted("stopped"))
    await within(farewellMs, mine)
  }

  async drain(): Promise<void> {
    this.#draining = true
    if (this.#sweep !== null) clearInterval(this.#sweep)
    for (const { abort } of this.#active.values()) abort.abort(new RunAborted("interrupted"))
    // What is being claimed at this moment is launched, and aborted as it begins.
    await Promise.all(this.#claims)
    await within(farewellMs, [...this.#active.values()])
    this.#leases.close()
    await this.#sweeping
  }

  async #lookAround(): Promise<void> {
    try {
      const working = [...this.#active].filter(([, { abort }]) => !abort.signal.aborted)
      const mine = new Set(working.map(([runId]) => runId))
      const count = await recoverRuns(this.services, { holder: this.#holder, which: "expired", mine })
      if (count > 0) this.services.log.info({ count }, "runs without a server were ended")
      this.kick()
    } catch (error) {
      this.services.log.error({ err: error }, "the line of runs could not be looked at")
    } finally {
      this.#sweeping = null
    }
  }
}

/** Waits for runs to end, but not longer than this. */
async function within(ms: number, runs: readonly Active[]): Promise<void> {
  if (runs.length === 0) return
  const time = Promise.withResolvers<void>()
  const timer = setTimeout(time.resolve, ms)
  await Promise.race([Promise.allSettled(runs.map((active) => active.done)), time.promise])
  clearTimeout(timer)
}
