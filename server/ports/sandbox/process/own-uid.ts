import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import type { Identity } from "./job.ts"

/**
 * Gives each project an account of its own without an entry in any table: a number from a range that nothing else uses.
 * Inside a container that maps few numbers a small range near its end is taken instead.
 */
export function uidRange(): { first: number; size: number } {
  const wide = { first: 2_000_000_000, size: 100_000_000 }
  try {
    const maps = readFileSync("/proc/self/uid_map", "utf8").trim().split("\n")
    const reaches = maps.some((line) => {
      const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number)
      return inside <= wide.first && inside + count >= wide.first + wide.size
    })
    return reaches ? wide : { first: 30_000, size: 29_000 }
  } catch {
    return wide
  }
}

/** The account of a job within the range; two servers on one machine take different ones. */
export function uidOf(identity: Identity, range: { first: number; size: number }, dataDir: string): number {
  const name = identity.type === "installer" ? "installer" : `project ${identity.name}`
  const hash = createHash("sha256").update(`${dataDir}\n${name}`).digest().readUInt32BE(0)
  return range.first + (hash % range.size)
}
