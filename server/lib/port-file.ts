import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Server } from "bun"
import { StartError } from "./start-error.ts"

/** A listening server, and the note in DATA_DIR that says which process it is. */
export interface ClaimedPort {
  /** Writes the note, once the data is ours. */
  note(): void
  /** Takes no new connections; resolves when the open answers are done. */
  finish(): Promise<void>
  /** Cuts what is still open and removes the note. */
  release(): Promise<void>
}

interface Place {
  readonly host: string
  readonly port: number
  readonly dataDir: string
}

/** Listens, or says in one sentence why not; when the port is held by our own server, with its pid. */
export function claimPort<T>(place: Place, listen: () => Server<T>): ClaimedPort {
  const file = join(place.dataDir, "server.pid")
  const server = tryListen(place, file, listen)
  let noted = false
  return {
    note: () => {
      writeFileSync(file, `${process.pid} ${place.port}\n`, { mode: 0o600 })
      noted = true
    },
    finish: () => server.stop(),
    release: async () => {
      await server.stop(true)
      if (noted) rmSync(file, { force: true })
    },
  }
}

function tryListen<T>(place: Place, file: string, listen: () => Server<T>): Server<T> {
  try {
    return listen()
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason"
    throw new StartError(sentence(code, place, pidIn(file, place.port)), { cause })
  }
}

function sentence(code: string, { host, port }: Place, pid: number | null): string {
  if (code === "EACCES") {
    return `Port ${port} may not be used by this account: choose one above 1023, for example PORT=3000.`
  }
  if (code !== "EADDRINUSE") {
    return `Nothing can listen on HOST ${host}, port ${port} (${code}): set HOST to an address of this machine, for example HOST=127.0.0.1.`
  }
  return pid === null
    ? `Port ${port} is taken by another program: end it, or choose another port, for example PORT=${port === 65_535 ? 3000 : port + 1}.`
    : `Port ${port} is taken by this Go Chat, which runs already with pid ${pid}: open it, or end it with "kill ${pid}".`
}

/** The living process that noted this port, else null. */
function pidIn(file: string, port: number): number | null {
  try {
    const [pid, noted] = readFileSync(file, "utf8").trim().split(" ").map(Number)
    // After a restart of the machine the number can belong to anything: nobody is told to end that.
    return pid && noted === port && /\bbun\b/.test(commandOf(pid)) ? pid : null
  } catch {
    return null
  }
}

const commandOf = (pid: number): string =>
  process.platform === "linux"
    ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
    : Bun.spawnSync(["ps", "-o", "command=", "-p", String(pid)]).stdout.toString()
