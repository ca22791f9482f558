import type { Subprocess } from "bun"
import { isGone, markedProcesses, processTree, signal, unmarkedProcesses } from "./processes.ts"

type Child = Pick<Subprocess, "pid" | "exited" | "exitCode" | "signalCode">

const hasEnded = (child: Child) => child.exitCode !== null || child.signalCode !== null

/**
 * Ends a job that has its own process namespace. The kernel ends all others before the namespace's first process is
 * gone, so nothing is left then. Bubblewrap itself returns with the command, a moment before that.
 */
export async function endTogether(child: Child, first: () => number | null): Promise<void> {
  const known = first()
  if (known !== null) signal(known, "SIGKILL")
  // Not yet that far: it takes its first process with it.
  else if (!hasEnded(child)) signal(child.pid, "SIGKILL")
  await Promise.race([child.exited, Bun.sleep(2_000)])
  if (!hasEnded(child)) signal(child.pid, "SIGKILL")
  await child.exited
  const last = known ?? first()
  if (last === null) return
  while (!(await isGone(last))) await Bun.sleep(2)
}

/**
 * Ends a job process by process: whatever carries its marker, belongs to its tree, or runs under its account without
 * a marker. All are stopped before any is ended, so that none can make new ones meanwhile.
 */
export async function endAll(child: Child | null, marker: string, uids: readonly number[]): Promise<void> {
  const stopped = new Set<number>()
  for (let round = 0; round < 200; round++) {
    const found = new Set(await markedProcesses(marker))
    if (uids.length > 0) for (const pid of await unmarkedProcesses(uids)) found.add(pid)
    if (child && !hasEnded(child)) for (const pid of await processTree(child.pid)) found.add(pid)
    const left: number[] = []
    for (const pid of found) if (!(await isGone(pid))) left.push(pid)
    if (left.length === 0) break
    const fresh = left.filter((pid) => !stopped.has(pid))
    for (const pid of fresh) {
      stopped.add(pid)
      signal(pid, "SIGSTOP")
    }
    if (fresh.length > 0) continue
    for (const pid of left) signal(pid, "SIGKILL")
    await Bun.sleep(5)
  }
  if (child) {
    if (!hasEnded(child)) signal(child.pid, "SIGKILL")
    await child.exited
  }
}
