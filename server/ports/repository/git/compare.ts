import { GitFailed, runGit } from "./run-git.ts"

/** Where commit `a` is, seen from `b`. */
export async function compareCommits(
  gitDir: string,
  a: string,
  b: string,
): Promise<"same" | "ahead" | "behind" | "diverged"> {
  if (a === b) return "same"
  if (await isAncestor(gitDir, b, a)) return "ahead"
  return (await isAncestor(gitDir, a, b)) ? "behind" : "diverged"
}

/** Whether a commit builds on an older one; throws when one of them is not stored. */
export async function isAncestor(gitDir: string, older: string, newer: string): Promise<boolean> {
  for (const sha of [older, newer]) if (!/^[0-9a-f]{40}$/.test(sha)) throw new Error(`not a commit: ${sha}`)
  try {
    await runGit(gitDir, ["merge-base", "--is-ancestor", older, newer])
    return true
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return false
    throw error
  }
}
