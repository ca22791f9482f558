import { readdir, readFile, stat } from "node:fs/promises"
import { markerName } from "./environment.ts"

/** Processes of this machine, as far as Linux shows them to us; empty on other systems. */
async function pids(): Promise<number[]> {
  const names = await readdir("/proc").catch(() => [])
  return names.map(Number).filter((pid) => pid > 0 && pid !== process.pid)
}

/** Processes whose environment carries this marker, or one that begins with it. Finds what left its group and session. */
export async function markedProcesses(marker: string): Promise<number[]> {
  const wanted = `\0${markerName}=${marker}`
  const found = await Promise.all(
    (await pids()).map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")
      return `\0${environment}`.includes(wanted) ? [pid] : []
    }),
  )
  return found.flat()
}

/** Processes of these accounts that wiped the marker off their environment. */
export async function unmarkedProcesses(uids: readonly number[]): Promise<number[]> {
  const found = await Promise.all(
    (await pids()).map(async (pid) => {
      const owner = await stat(`/proc/${pid}`).catch(() => null)
      if (!owner || !uids.includes(owner.uid)) return []
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")
      return environment.includes(`${markerName}=`) || (await isGone(pid)) ? [] : [pid]
    }),
  )
  return found.flat()
}

/** A process and everything below it that still knows its parent. */
export async function processTree(root: number): Promise<number[]> {
  const parents = new Map<number, number>()
  await Promise.all(
    (await pids()).map(async (pid) => {
      const parent = (await status(pid))?.parent
      if (parent !== undefined) parents.set(pid, parent)
    }),
  )
  const tree = [root]
  for (const above of tree) for (const [pid, parent] of parents) if (parent === above) tree.push(pid)
  return tree
}

/** Ended, or ended and not yet collected by its parent. */
export async function isGone(pid: number): Promise<boolean> {
  const state = (await status(pid))?.state
  return state === undefined || state === "Z" || state === "X"
}

/** Sends a signal to a process that may be gone by now. */
export function signal(pid: number, name: "SIGTERM" | "SIGKILL" | "SIGSTOP"): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone already.
  }
}

async function status(pid: number): Promise<{ state: string; parent: number } | null> {
  const line = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "")
  // The name of the program is in brackets and may hold anything, brackets too.
  const [state, parent] = line.slice(line.lastIndexOf(")") + 2).split(" ")
  return state && parent ? { state, parent: Number(parent) } : null
}
