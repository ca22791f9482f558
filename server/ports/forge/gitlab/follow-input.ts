import type { KeptJob } from "../port.ts"
import { type PollTiming, pollTiming } from "./poll.ts"

export interface FollowTiming extends PollTiming {
  /** So long a push may take to become a pipeline. */
  pipelineMs: number
  /** The same, where the version was not what the branch was pushed to. */
  passedMs: number
  /** So long GitLab may take to end what was canceled. */
  cancelMs: number
  /** So long a job waits before we say that there may be no runner. */
  runnerMs: number
  /** So long GitLab may refuse, e.g. because a token expired. */
  refusedMs: number
}

export const followTiming: FollowTiming = {
  ...pollTiming,
  pipelineMs: 90_000,
  passedMs: 10_000,
  cancelMs: 30_000,
  runnerMs: 60_000,
  refusedMs: 600_000,
}

export interface FollowInput {
  remoteId: number
  sha: string
  /** The branch it was pushed to. */
  ref: string
  /** That branch held it already, and had gone on: perhaps there never was a pipeline of it. */
  passed?: boolean
  /** Has the branch gone on from this version? Then the pipeline of what came after decides. */
  goneOn?: () => Promise<boolean>
  /** A person wants what is not in `keep` to run again, and the manual jobs in `play` to begin. */
  again?: { keep: readonly KeptJob[]; play: readonly string[] }
  /** Resolves with the next news that something changed. */
  hint: () => Promise<void>
  /** What the pauses are now, when many are followed. */
  pace?: (timing: PollTiming) => PollTiming
  /** Aborted with `left`, the pipeline goes on; else it is canceled. */
  signal: AbortSignal
  timing?: Partial<FollowTiming>
}
