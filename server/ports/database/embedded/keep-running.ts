import type { Logger } from "pino"
import { isAlive, type Postmaster } from "./postmaster.ts"

const LOOK_MS = 250

/**
 * A Postgres that was killed (by hand, or when memory ran out) is started again: what was committed is there, and the
 * server goes on after a moment of errors instead of standing useless until somebody looks.
 */
export function keepRunning(first: Postmaster, again: () => Promise<Postmaster>, log?: Pick<Logger, "warn" | "error">) {
  let current = first
  let starting: Promise<void> | null = null

  const restart = async () => {
    log?.error({ pid: current.pid }, "the embedded database was ended from outside")
    try {
      current = await again()
      log?.warn({ pid: current.pid }, "the embedded database runs again")
    } catch (err) {
      log?.error({ err }, "the embedded database could not be started again")
    }
    starting = null
  }
  const look = () => {
    if (starting === null && !isAlive(current.pid)) starting = restart()
  }
  const timer = setInterval(look, LOOK_MS)
  timer.unref()

  return {
    pid: () => current.pid,
    /** Ends the watch; resolves with the process that is to be stopped. */
    letGo: async () => {
      clearInterval(timer)
      await starting
      return current.pid
    },
  }
}
