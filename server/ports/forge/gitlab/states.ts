import { type BuildStatus, buildStatus, finishedStatuses } from "../../../../shared/build.ts"

export interface ReadState {
  status: BuildStatus
  /** Nothing more happens by itself. Never of a state that is not known. */
  finished: boolean
  /** GitLab's own word when it is none of those we know. */
  unknown: string | null
}

/** GitLab's word for a state; one that a newer GitLab made up shows as waiting or running and never ends anything. */
export function readState(word: string, began = false): ReadState {
  const known = buildStatus.safeParse(word)
  if (!known.success) return { status: began ? "running" : "pending", finished: false, unknown: word }
  return { status: known.data, finished: finishedStatuses.includes(known.data), unknown: null }
}

/** A runner is at it, so its log may grow. */
export const isAtWork = (status: BuildStatus): boolean => status === "running" || status === "canceling"

/** Something will happen to it without anybody's doing. `scheduled` goes on by the clock. */
export const movesByItself = (status: BuildStatus): boolean => status !== "manual" && !finishedStatuses.includes(status)
