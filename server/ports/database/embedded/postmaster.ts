import { closeSync, fstatSync, openSync, readFileSync, readSync, rmSync, statSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "../../../lib/free-port.ts"
import { StartError } from "../../../lib/start-error.ts"
import type { ClusterPaths } from "./cluster.ts"
import { cleanEnvironment, type Launcher } from "./launcher.ts"

/** A running Postgres: its main process and the port it listens on. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
}

/** Settings handed to Postgres beyond ours, e.g. by tests. */
export type PostgresSettings = Readonly<Record<string, string>>

const START_MS = 60_000
const FAST_STOP_MS = 2_500

/**
 * The Postgres that serves this folder already, left over by a server that was killed; null when there is none.
 * A pid file whose process is something else (a reboot, another container, a copied folder) is removed, because
 * Postgres would refuse to start on it; its own shared-memory check still guards the data.
 */
export async function findPostmaster(paths: ClusterPaths): Promise<Postmaster | null> {
  const until = Date.now() + START_MS
  while (Date.now() < until) {
    const file = readPidFile(paths)
    if (!file) return null
    if (!serves(file.pid, paths)) {
      rmSync(join(paths.data, "postmaster.pid"), { force: true })
      return null
    }
    if (file.ready) return { pid: file.pid, port: file.port }
    await Bun.sleep(20)
  }
  throw new StartError(`The embedded database in ${paths.folder} is busy: see ${paths.log}.`)
}

/**
 * Starts Postgres in a session of its own: a signal to our process group (Ctrl-C) does not reach it, so the drain
 * can still write. The port is asked anew when somebody else took it in between.
 */
export async function startPostmaster(
  paths: ClusterPaths,
  launcher: Launcher,
  settings: PostgresSettings,
  port?: number,
): Promise<Postmaster> {
  const until = Date.now() + START_MS
  for (;;) {
    const chosen = port ?? (await freePort())
    const log = openLog(paths.log)
    const postgres = Bun.spawn(launcher.command(postgresArguments(launcher, chosen, settings)), {
      env: cleanEnvironment,
      cwd: "/",
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
    })
    postgres.unref()
    closeSync(log.fd)
    while (postgres.exitCode === null && postgres.signalCode === null) {
      const file = readPidFile(paths)
      if (file?.ready && file.pid === postgres.pid) return { pid: postgres.pid, port: chosen }
      if (Date.now() > until)
        throw new StartError(`The embedded database did not start within a minute: see ${paths.log}.`)
      await Bun.sleep(10)
    }
    const said = readFrom(paths.log, log.size)
    // Both pass: a port that was taken, and processes of a killed Postgres that have not ended yet.
    const passes = /could not bind|Address already in use|pre-existing shared memory block/.test(said)
    if (!passes || Date.now() > until) {
      throw new StartError(`The embedded database did not start: ${reason(said)} (see ${paths.log}).`)
    }
    await Bun.sleep(100)
  }
}

/**
 * Fast shutdown: open transactions are rolled back, everything committed is on disk. When that takes too long a harder
 * signal follows, and the next start recovers.
 */
export async function stopPostmaster(pid: number): Promise<void> {
  const began = Date.now()
  let hard = false
  if (!signal(pid, "SIGINT")) return
  while (isAlive(pid)) {
    if (!hard && Date.now() - began > FAST_STOP_MS) {
      hard = true
      signal(pid, "SIGQUIT")
    }
    if (Date.now() - began > 2 * FAST_STOP_MS) return
    await Bun.sleep(10)
  }
}

const postgresArguments = (launcher: Launcher, port: number, settings: PostgresSettings): string[] => [
  join(launcher.native, "bin/postgres"),
  "-D",
  join(launcher.folder, "data"),
  ...Object.entries({
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] ",
    ...settings,
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
]

/** Lines of `postmaster.pid`: pid, folder, start, port, socket folder, address, memory key, status. */
function readPidFile(paths: ClusterPaths): { pid: number; port: number; ready: boolean } | null {
  try {
    const lines = readFileSync(join(paths.data, "postmaster.pid"), "utf8").split("\n")
    const pid = Number(lines[0])
    return pid > 0 ? { pid, port: Number(lines[3]), ready: lines[7]?.trim() === "ready" } : null
  } catch {
    return null
  }
}

/** Does this process serve this very folder? Postgres stands in its data folder, which has one identity under any name. */
function serves(pid: number, paths: ClusterPaths): boolean {
  if (!isAlive(pid)) return false
  if (process.platform !== "linux") {
    const line = Bun.spawnSync(["ps", "-o", "command=", "-p", String(pid)]).stdout.toString()
    return line.includes(join(paths.folder, "data"))
  }
  try {
    const stands = statSync(`/proc/${pid}/cwd`)
    const data = statSync(paths.data)
    return stands.dev === data.dev && stands.ino === data.ino
  } catch {
    return false
  }
}

/** Is there a process with this number? */
export const isAlive = (pid: number): boolean => signal(pid, 0)

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

const LOG_BYTES_MAX = 10_000_000

function openLog(path: string): { fd: number; size: number } {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) truncateSync(path)
  const fd = openSync(path, "a", 0o600)
  return { fd, size: fstatSync(fd).size }
}

function readFrom(path: string, from: number): string {
  const fd = openSync(path, "r")
  try {
    const bytes = Buffer.alloc(64_000)
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from)).toString()
  } finally {
    closeSync(fd)
  }
}

const reason = (log: string): string =>
  /FATAL: +(.*)/.exec(log)?.[1] ?? log.trim().split("\n").at(-1) ?? "it gave no reason"
