import { RemoteGitError } from "../../repository/remote-git-error.ts"
import { GitLabError } from "./errors.ts"

export interface Fault {
  /**
   * `passes`: by itself; `may pass`: somebody has to do something, e.g. renew a token; `stays`: the same is refused again
   * and again.
   */
  kind: "passes" | "may pass" | "stays"
  /** For people. */
  words: string
  /** So long GitLab wants to be left alone. */
  askedMs: number
}

/** What went wrong at GitLab; null: it was not GitLab. */
export function faultOf(error: unknown): Fault | null {
  if (error instanceof GitLabError) {
    const passes = error.kind === "away" || error.kind === "limited"
    const stays = error.kind === "invalid" || error.kind === "conflict"
    const kind = passes ? "passes" : stays ? "stays" : "may pass"
    return { kind, words: error.message, askedMs: error.about.retryAfterMs ?? 0 }
  }
  if (error instanceof RemoteGitError) {
    const passes = error.kind === "away" || error.kind === "timeout"
    return { kind: passes ? "passes" : "may pass", words: error.words, askedMs: 0 }
  }
  return null
}
