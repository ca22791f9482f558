import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { gitLine, gitLineOrNull, runGit } from "./run-git.ts"

const plainRef = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/

/** Full sha of a branch, tag, ref or (abbreviated) commit; null when there is none. */
export async function resolveCommit(gitDir: string, ref: string): Promise<string | null> {
  if (!plainRef.test(ref) || ref.includes("..")) return null
  const sha = await gitLineOrNull(gitDir, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`])
  return sha === null || sha === "" ? null : sha
}

/**
 * Newest commit of `main`. Asked at every turn of a run, so the branch's own file is read where git keeps one
 * (gitrepository-layout(5)); only a packed one needs a process.
 */
export async function mainHead(gitDir: string): Promise<string | null> {
  const loose = await readFile(join(gitDir, "refs/heads/main"), "utf8").catch(() => null)
  const sha = loose?.trim()
  if (sha !== undefined && /^[0-9a-f]{40}$/.test(sha)) return sha
  if (loose === null && existsSync(gitDir) && !existsSync(join(gitDir, "packed-refs"))) return null
  return resolveCommit(gitDir, "refs/heads/main")
}

export const treeOf = (gitDir: string, commit: string): Promise<string> =>
  gitLine(gitDir, ["rev-parse", "--verify", `${commit}^{tree}`])

export async function parentOf(gitDir: string, commit: string): Promise<string | null> {
  const sha = await gitLineOrNull(gitDir, ["rev-parse", "--verify", "--quiet", `${commit}^1`])
  return sha === "" ? null : sha
}

export async function deleteRef(gitDir: string, ref: string): Promise<void> {
  await runGit(gitDir, ["update-ref", "-d", ref])
}
