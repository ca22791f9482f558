import type { Build } from "../../../shared/build.ts"
import type { Project } from "../../../shared/project.ts"
import { strings } from "../../lib/strings.ts"
import type { Tone } from "../../ui/status-dot.tsx"
import { buildLook, heldBy, isBlocked } from "../build/build-words.ts"

export interface StateWords {
  words: string
  tone: Tone
  busy: boolean
}

type Facts = Pick<Project, "status" | "buildStatus">

interface Known {
  /** What is live is the newest version. */
  newestLive?: boolean
  /** The newest version waits for its merge. */
  waitsForMerge?: boolean
  /** Checks of the newest version, where they are known. */
  build?: Pick<Build, "status" | "error"> & Partial<Pick<Build, "jobs">>
}

/** A project's state in words, with the colour that goes with them. */
export function stateWords(
  project: Facts,
  { newestLive = false, waitsForMerge = false, build }: Known = {},
): StateWords {
  const words = strings.project.status[project.status]
  const status = build?.status ?? project.buildStatus
  switch (project.status) {
    case "working":
      return { words, tone: "warn", busy: true }
    case "checking":
      if (status !== null && isBlocked(status)) return buildLook({ status, error: null })
      // Why nothing moves is said where the checks are.
      return build !== undefined && heldBy(build) !== null ? buildLook(build) : moving(words, status)
    case "failed":
      return status === "failed" || status === "canceled"
        ? buildLook({ status, error: null, jobs: build?.jobs })
        : { words, tone: "bad", busy: false }
    case "empty":
      return { words, tone: "sleep", busy: false }
    case "ready":
      // What waits for a person, or for its time, is not done, and unchecked does not go live.
      if (status !== null && (isBlocked(status) || status === "skipped")) return buildLook({ status, error: null })
      if (waitsForMerge) return { words: strings.forge.waitingShort, tone: "warn", busy: false }
      return { words: newestLive ? strings.project.live : words, tone: "good", busy: false }
  }
}

const moving = (words: string, status: Facts["buildStatus"]): StateWords => ({
  words: status === "canceling" ? strings.build.words.canceling : words,
  tone: "warn",
  busy: true,
})
