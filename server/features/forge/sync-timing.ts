import type { Pauses } from "./rests.ts"

export interface SyncTiming extends Pauses {
  /** Between two looks at what may have been lost. */
  everyMs: number
  /** So much is asked in one such look at most. */
  perRound: number
  /** Between two questions about pipelines of one project that nobody follows. */
  gapMs: number
  /** Until it is seen again whether the AI is done, when nobody says so before. */
  busyMs: number
  /** Between two projects whose hooks are looked at when the server starts. */
  sweepMs: number
}

/** So that everything together is far below what GitLab allows a minute. */
export const syncTiming: SyncTiming = {
  everyMs: 120_000,
  perRound: 20,
  gapMs: 1_000,
  busyMs: 15_000,
  sweepMs: 3_000,
  firstMs: 5_000,
  longestMs: 300_000,
}
