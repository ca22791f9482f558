import { closeSync, openSync, readSync, rmSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { endAll, endTogether } from "./end.ts"
import type { Isolation, JobInput } from "./job.ts"
import { processTree, signal } from "./processes.ts"

/** A job at work. */
export interface Job {
  /** What it prints, both streams in the order they came. Reading slowly slows the job. */
  readonly output: ReadableStream<Uint8Array>
  /** Its end, with nothing left behind: exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>
  /** Ends everything of it at once. Resolves when nothing is left. */
  end(): Promise<void>
  /** Asks everything of it to end, then ends what has not within `graceMs`. */
  endSoftly(graceMs: number): Promise<void>
}

/** Starts a job in its own session, so that Ctrl+C in the server's terminal reaches only the server. */
export async function launch(isolation: Isolation, input: JobInput): Promise<Job> {
  const { argv, env, cwd, temp } = await isolation.wrap(input)
  const info = isolation.dieTogether ? openInfo() : null
  const child = Bun.spawn(["/bin/sh", "-c", 'exec "$@" 2>&1', "sh", ...argv], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "ignore", ...(info === null ? [] : [info.fd])],
    detached: true,
  })

  const uid = isolation.uid(input.identity)
  const cleanUp = async () => {
    if (info !== null) await endTogether(child, info.firstProcess).finally(info.close)
    else await endAll(child, input.marker, uid === null ? [] : [uid])
    if (temp) await rm(temp, { recursive: true, force: true })
  }
  let ending: Promise<void> | null = null
  const end = () => (ending ??= cleanUp())

  return {
    output: child.stdout,
    exited: child.exited.then(async (code) => {
      await end()
      return child.signalCode === null && code <= 128 ? code : null
    }),
    end,
    endSoftly: async (graceMs) => {
      for (const pid of await processTree(child.pid)) if (pid !== child.pid) signal(pid, "SIGTERM")
      await Promise.race([child.exited, Bun.sleep(graceMs)])
      await end()
    },
  }
}

/** A file without a name, where bubblewrap writes the number of the namespace's first process. */
function openInfo(): { fd: number; firstProcess: () => number | null; close: () => void } {
  const path = join(tmpdir(), `gochat-${crypto.randomUUID()}`)
  const fd = openSync(path, "wx+", 0o600)
  rmSync(path)
  const buffer = Buffer.alloc(1024)
  const text = () => buffer.toString("latin1", 0, readSync(fd, buffer, 0, buffer.length, 0))
  return {
    fd,
    firstProcess: () => Number(/"child-pid": *(\d+)/.exec(text())?.[1] ?? 0) || null,
    close: () => closeSync(fd),
  }
}
