import type { PollTiming } from "./poll.ts"

/** A look asks how the pipeline is, and how its jobs are. */
const requestsOfLook = 2
/** With hooks the clock is only for those that were lost. */
const quietMs = 60_000

/**
 * How often one of many looks: all together they need at most half of what may be asked a minute while nothing changes,
 * and not more than all of it after a change.
 */
export function paceOf(
  timing: PollTiming,
  { followed, perMinute, heard }: { followed: number; perMinute: number; heard: boolean },
): PollTiming {
  const shareMs = (followed * requestsOfLook * 60_000) / perMinute
  const longestMs = Math.max(heard ? Math.max(timing.longestMs, quietMs) : timing.longestMs, shareMs * 2)
  return { ...timing, firstMs: Math.max(timing.firstMs, shareMs), longestMs }
}
