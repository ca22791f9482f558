import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { engineAnswers } from "./engine-call.ts"
import { clearDaemon, daemonHost, daemonPid, resetDaemon, startDaemon, stopDaemon } from "./engine-daemon.ts"
import { birth, startApart } from "./engine-process.ts"
import { enterEngine } from "./engine-users.ts"

const keeperMs = 20_000

/**
 * Where an engine of the tests keeps everything. One for the machine and not for the checkout: two engines would fight
 * over `docker0`. The path is short because sockets lie in it.
 */
export function engineFolder(name: string): string {
  const base = tmpdir().length > 40 ? "/tmp" : tmpdir()
  const folder = join(base, `go-chat-${name}-${process.getuid?.() ?? 0}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (statSync(folder).uid !== process.getuid?.()) throw new Error(`${folder} belongs to somebody else`)
  return folder
}

/** The engine of `folder`, started when it does not run. Only under the lock of the folder. */
export async function privateEngine(folder: string, flags: string[], idleMs: number): Promise<string> {
  enterEngine(folder)
  const host = daemonHost(folder)
  if (daemonPid(folder) === null || !(await engineAnswers(host))) {
    if (daemonPid(folder) !== null) await stopDaemon(folder, flags)
    await startDaemon(folder, flags).catch(() => {
      resetDaemon(folder)
      return startDaemon(folder, flags)
    })
    await clearDaemon(host)
  }
  if (!keeperLives(folder)) await startKeeper(folder, [String(idleMs), ...flags])
  return host
}

function keeperLives(folder: string): boolean {
  const note = join(folder, "keeper")
  if (!existsSync(note)) return false
  const [pid = "", began] = readFileSync(note, "utf8").split(" ")
  return birth(pid) === began
}

async function startKeeper(folder: string, settings: string[]): Promise<void> {
  rmSync(join(folder, "keeper"), { force: true })
  const log = join(folder, "keeper.log")
  startApart([process.execPath, join(import.meta.dir, "engine-keeper.ts"), folder, ...settings], log)
  const until = Date.now() + keeperMs
  while (!keeperLives(folder)) {
    if (Date.now() > until) throw new Error(`The keeper of the engine did not start: ${readFileSync(log, "utf8")}`)
    await Bun.sleep(20)
  }
}
