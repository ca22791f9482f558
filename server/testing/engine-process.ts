import { readdirSync, readFileSync } from "node:fs"

/** Starts a process that is not a child of ours: `bun test` kills the children of a test that takes too long. */
export function startApart(command: string[], log: string): number {
  const apart = 'log="$1"; shift; setsid "$@" >"$log" 2>&1 </dev/null & echo $!'
  const { stdout } = Bun.spawnSync(["/bin/sh", "-c", apart, "sh", log, ...command], {
    env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, HOME: process.env["HOME"] },
    stdio: ["ignore", "pipe", "ignore"],
  })
  return Number(stdout.toString())
}

/** Whether a process still holds anything: one that ended and that nobody has asked about does not count. */
export function processLives(pid: number): boolean {
  const [state] = status(String(pid))
  if (state === undefined) return false
  try {
    return state !== "Z" || readdirSync(`/proc/${pid}/task`).length > 1
  } catch {
    return false
  }
}

/** When a process began: tells it from a later one with the same number. */
export function birth(pid: string): string | null {
  return status(pid)[19] ?? null
}

/** What the kernel says of a process after its name; empty when it is gone. */
function status(pid: string): string[] {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8")
    return line.slice(line.lastIndexOf(")") + 2).split(" ")
  } catch {
    return []
  }
}
