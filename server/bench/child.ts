import { readFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dir, "../..")
/** `_SC_CLK_TCK` of Linux. */
const ticksPerSecond = 100

/** A benchmark's server in a process of its own. */
export interface Child extends AsyncDisposable {
  readonly pid: number
  /** Processor time used so far, in microseconds. */
  cpuMicros(): number
  /** Resident memory in kilobytes. */
  rssKb(): number
}

/** Starts `bun <file>` and resolves when it prints "ready". */
export async function startChild(file: string, env: Record<string, string>): Promise<Child> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, file)], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      NODE_ENV: "production",
      BUN_CONFIG_MAX_HTTP_REQUESTS: "4096",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const decoder = new TextDecoder()
  let printed = ""
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk, { stream: true })
    if (printed.includes("ready")) break
  }
  if (child.exitCode !== null) throw new Error(`${file} ended:\n${printed}`)
  return {
    pid: child.pid,
    cpuMicros: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
      return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond
    },
    rssKb: () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM")
      await child.exited
    },
  }
}
