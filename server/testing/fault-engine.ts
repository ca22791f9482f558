import { withFileLock } from "../lib/file-lock.ts"
import { killDaemon, quietFlags, startDaemon, stopDaemon } from "./engine-daemon.ts"
import { testImage } from "./engine-image.ts"
import { engineFolder, privateEngine } from "./engine-private.ts"
import { leaveEngine } from "./engine-users.ts"
import type { TestEngine } from "./engine.ts"

/** An engine of one test's own, which the test may break. */
export interface FaultEngine extends TestEngine {
  /** As a power cut: the daemon is gone, what ran in its containers may still run. */
  kill(): Promise<void>
  /** Starts it again after `kill`, at the same place. Waits until it answers. */
  restart(): Promise<void>
  /** Ends it with all its containers. */
  stop(): Promise<void>
}

const waitMs = 300_000
const idleMs = 2_000

/**
 * Starts a second engine beside `testEngine()`, as root; one at a time on a machine, the next one waits. It has no
 * `docker0`, no packet filter and no way to the Internet: containers are on networks that a test makes, and the host
 * reaches them by their address. It ends with the test process, also when that is killed.
 */
export function faultEngine(): Promise<FaultEngine> {
  const { promise, resolve, reject } = Promise.withResolvers<FaultEngine>()
  const folder = engineFolder("fault")
  withFileLock(`${folder}.lock`, waitMs, async () => {
    const stopped = Promise.withResolvers<void>()
    const host = await privateEngine(folder, quietFlags, idleMs)
    resolve({
      host,
      image: await testImage(host),
      kill: () => killDaemon(folder),
      restart: async () => {
        await startDaemon(folder, quietFlags)
      },
      stop: async () => {
        await stopDaemon(folder, quietFlags)
        leaveEngine(folder)
        stopped.resolve()
      },
    })
    await stopped.promise
  }).catch(reject)
  return promise
}

/** Why this machine cannot start one; null when it can. */
export function faultEngineMissing(): string | null {
  if (process.env["CI"] === "true") return null
  if (process.getuid?.() !== 0) return "only root can start a container engine"
  return Bun.which("dockerd", { PATH: `${process.env["PATH"]}:/usr/sbin` }) === null ? "dockerd is not installed" : null
}
