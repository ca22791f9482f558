import { RemoteGitError } from "../../repository/remote-git-error.ts"
import { GitLabError } from "./errors.ts"

export interface Fault {
  /** It passes by itself; else somebody has to do something. */
  passes: boolean
  /** For people. */
  words: string
  /** So long GitLab wants to be left alone. */
  askedMs: number
}

/** What went wrong at GitLab; null: it was not GitLab. */
export function faultOf(error: unknown): Fault | null {
  if (error instanceof GitLabError) {
    const passes = error.kind === "away" || error.kind === "limited"
    return { passes, words: error.message, askedMs: error.about.retryAfterMs ?? 0 }
  }
  if (error instanceof RemoteGitError) {
    return { passes: error.kind === "away" || error.kind === "timeout", words: error.words, askedMs: 0 }
  }
  return null
}
