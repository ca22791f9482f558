import { type Build, type BuildStatus, finishedStatuses, type Job } from "../../../shared/build.ts"
import { strings } from "../../lib/strings.ts"
import type { Tone } from "../../ui/status-dot.tsx"
import { plainLine } from "./log-text.ts"

type Known = Pick<Build, "status" | "error">
/** A version from before the last builds brings its state alone. */
type Looked = Known & Partial<Pick<Build, "jobs">>

/** The state of the checks in words. */
export const buildWords = (status: BuildStatus): string => strings.build.words[status]

/** The state of one check in a word or two. */
export const jobWords = (status: Job["status"]): string => strings.build.job[status]

/** Nothing more happens until a person acts, or until its time has come. */
export const isBlocked = (status: BuildStatus): boolean => status === "manual" || status === "scheduled"

/** It goes on by itself. */
const isUnderWay = (status: BuildStatus): boolean => !finishedStatuses.includes(status) && !isBlocked(status)

/** Why nothing moves just now, of checks that are under way; it is not a failure. */
export const heldBy = ({ status, error }: Known): string | null =>
  isUnderWay(status) && error !== null && error !== "" ? error.replace(/\.?$/, ".") : null

export interface BuildLook {
  words: string
  tone: Tone
  /** It moves while one looks. */
  busy: boolean
}

/** How the checks are, in words and a colour that say the same. */
export function buildLook(build: Looked): BuildLook {
  const { status } = build
  if (heldBy(build) !== null) return { words: strings.build.held, tone: "warn", busy: false }
  return {
    words: neverBegan(build) ? strings.build.notBegun : buildWords(status),
    tone: toneOf(status),
    busy: isUnderWay(status),
  }
}

/** It failed before there was any check: nothing that was checked is wrong. */
const neverBegan = ({ status, jobs }: Pick<Looked, "status" | "jobs">): boolean =>
  status === "failed" && jobs?.length === 0

/** What failed, in a sentence, with the reason where one is known. */
export function failedWords(build: Looked): string {
  const line = build.error === null ? "" : plainLine(build.error)
  if (line === "") return buildLook(build).words
  return neverBegan(build) ? strings.build.notBegunAt(line) : strings.build.failedAt(line)
}

function toneOf(status: BuildStatus): Tone {
  if (status === "success") return "good"
  if (status === "failed") return "bad"
  return status === "canceled" || status === "skipped" ? "sleep" : "warn"
}

/** The colour of those words. */
export const buildColour = (status: BuildStatus): string =>
  status === "success" ? "text-good" : status === "failed" ? "text-bad" : "text-muted"
