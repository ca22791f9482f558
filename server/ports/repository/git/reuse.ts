import type { CommitInfo, ReuseInput } from "../port.ts"
import { commitTree } from "./commit.ts"
import { mainHead, parentOf, treeOf } from "./refs.ts"
import { gitLine, GitFailed } from "./run-git.ts"

const main = "refs/heads/main"

/** A new commit on `main` whose files are exactly those of an older one; null when they are so already. */
export async function restoreCommit(gitDir: string, { sha, message, author }: ReuseInput): Promise<CommitInfo | null> {
  const head = await mainHead(gitDir)
  return commitTree(gitDir, { tree: await treeOf(gitDir, sha), head, message, author, ref: main })
}

/** A new commit on `main` with the changes that one commit made to the commit before it. */
export async function pickCommit(
  gitDir: string,
  { sha, message, author }: ReuseInput,
): Promise<CommitInfo | "conflict" | null> {
  const [head, parent] = await Promise.all([mainHead(gitDir), parentOf(gitDir, sha)])
  if (head === parent) return restoreCommit(gitDir, { sha, message, author })
  const tree = await mergeTrees(gitDir, parent, head, sha)
  return tree === null ? "conflict" : commitTree(gitDir, { tree, head, message, author, ref: main })
}

/** null when both sides changed the same place. */
async function mergeTrees(
  gitDir: string,
  base: string | null,
  ours: string | null,
  theirs: string,
): Promise<string | null> {
  if (ours === null || base === null) return null
  try {
    return await gitLine(gitDir, ["merge-tree", "--write-tree", "--no-messages", ours, theirs])
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return null
    throw error
  }
}
