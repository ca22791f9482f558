import { gitLine, gitLineOrNull, runGit } from "./run-git.ts"

const plainRef = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/

/** Full sha of a branch, tag, ref or (abbreviated) commit; null when there is none. */
export async function resolveCommit(gitDir: string, ref: string): Promise<string | null> {
  if (!plainRef.test(ref) || ref.includes("..")) return null
  const sha = await gitLineOrNull(gitDir, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`])
  return sha === null || sha === "" ? null : sha
}

export const mainHead = (gitDir: string): Promise<string | null> => resolveCommit(gitDir, "refs/heads/main")

export const treeOf = (gitDir: string, commit: string): Promise<string> =>
  gitLine(gitDir, ["rev-parse", "--verify", `${commit}^{tree}`])

export async function parentOf(gitDir: string, commit: string): Promise<string | null> {
  const sha = await gitLineOrNull(gitDir, ["rev-parse", "--verify", "--quiet", `${commit}^1`])
  return sha === "" ? null : sha
}

export async function deleteRef(gitDir: string, ref: string): Promise<void> {
  await runGit(gitDir, ["update-ref", "-d", ref])
}
