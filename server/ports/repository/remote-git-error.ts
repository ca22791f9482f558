/**
 * - `away`: nobody answers, its certificate is not trusted, or it has a fault of its own (500, too many requests)
 * - `refused`: it said no (rights, a protected branch, a hook), or we did not ask because it would overwrite something
 * - `unauthorized`: it does not know the user name and password
 * - `missing`: there is no such repository, or none that we may see
 * - `timeout`: it took too long
 * - `unusable`: what it sent is damaged, not safe, or larger than allowed
 */
export type RemoteGitKind = "away" | "refused" | "unauthorized" | "missing" | "timeout" | "unusable"

/** A fetch from or push to the forge that did not happen. Nothing of ours was changed. */
export class RemoteGitError extends Error {
  override readonly name = "RemoteGitError"

  constructor(
    readonly kind: RemoteGitKind,
    /** For a person: plain, with the next step. */
    readonly words: string,
    /** For engineers: what git and the forge said, without addresses' passwords. Never longer than a page. */
    readonly detail: string,
  ) {
    super(words)
  }
}
