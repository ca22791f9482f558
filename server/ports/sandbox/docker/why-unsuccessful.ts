import { ranOutOfProcesses, tooManyProcesses } from "../reason.ts"
import type { Box } from "./boxes.ts"
import { type Ended, memoryKills, whyEnded } from "./diagnose.ts"
import type { Engine } from "./engine.ts"

/** How programs tell that one of theirs was ended by the kernel. */
const killed = /\bkilled\b|SIGKILL|\b137\b/i
/** So much of the output's end is looked at. */
const endChars = 4_000

/** Why a command did not succeed, when it was not of itself; null when its own output says best. */
export async function whyUnsuccessful(
  engine: Engine,
  box: Box,
  code: number | null,
  output: string,
  memory: number,
): Promise<Ended | null> {
  if (box.endedBecause !== null) return box.endedBecause
  const end = output.slice(-endChars)
  if (ranOutOfProcesses(end)) return { reason: tooManyProcesses, because: "app" }
  if (code !== null && !killed.test(end)) return null
  const before = box.memoryKills
  box.memoryKills = await memoryKills(engine, box.containerId)
  // A code of its own, and nothing was ended for want of memory: it means something else.
  if (code !== null && box.memoryKills <= before) return null
  return whyEnded(engine, box.containerId, null, memory, before)
}
