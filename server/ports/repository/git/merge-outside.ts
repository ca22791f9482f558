import { AppError } from "../../../app-error.ts"
import type { CommitInfo, MergeInput } from "../port.ts"
import { moveMain, writeCommit } from "./commit.ts"
import { isAncestor } from "./compare.ts"
import { countChanges } from "./diff.ts"
import { preferSide, readMergeTree } from "./prefer-side.ts"
import { mainHead, treeOf } from "./refs.ts"
import { gitLineOrNull, startGit, GitFailed } from "./run-git.ts"

/** Two large histories can take long to compare. */
const longestMs = 60_000

/** Joins an outside commit with ours on `main`, without a work tree. */
export async function mergeOutside(
  gitDir: string,
  input: MergeInput,
): Promise<CommitInfo | { conflict: string[] } | null> {
  const { ours, theirs, message, author } = input
  if (await isAncestor(gitDir, theirs, ours)) return null
  const merged = await joinedTree(gitDir, input)
  if ("conflict" in merged) return merged
  // Also when the files are ours already: from here on the forge's branch leads to `main`.
  const sha = await writeCommit(gitDir, { tree: merged.tree, parents: [ours, theirs], message, author })
  const changes = await countChanges(gitDir, ours, sha)
  await moveMain(gitDir, ours, sha)
  return { sha, ...changes }
}

/** Moves `main` forwards to a stored commit; done already is done. */
export async function advanceMain(gitDir: string, { from, to }: { from: string | null; to: string }): Promise<void> {
  if (!(await isAncestor(gitDir, from ?? to, to))) throw new AppError("conflict", "That would take back a version.")
  if ((await mainHead(gitDir)) === to) return
  await moveMain(gitDir, from, to)
}

async function joinedTree(
  gitDir: string,
  { ours, theirs, prefer }: MergeInput,
): Promise<{ tree: string } | { conflict: string[] }> {
  const side = prefer === undefined ? null : { ours, theirs }[prefer]
  if ((await gitLineOrNull(gitDir, ["merge-base", ours, theirs])) === null) {
    return side === null ? { conflict: [] } : { tree: await treeOf(gitDir, side) }
  }
  const process = startGit(gitDir, ["merge-tree", "--write-tree", "-z", "--name-only", "--messages", ours, theirs], {
    signal: AbortSignal.timeout(longestMs),
  })
  await process.stdin.end()
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(process.stdout).bytes(),
    new Response(process.stderr).text(),
    process.exited,
  ])
  if (exitCode > 1 || exitCode < 0) throw new GitFailed("merge-tree", exitCode, stderr)
  const { tree, conflict, concerned } = readMergeTree(stdout)
  if (exitCode === 0) return { tree }
  return side === null ? { conflict } : { tree: await preferSide(gitDir, tree, side, concerned) }
}
