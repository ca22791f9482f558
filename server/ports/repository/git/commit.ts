import { AppError } from "../../../app-error.ts"
import { cleanText } from "../../../lib/clean-text.ts"
import type { CommitInfo, CommitInput } from "../port.ts"
import { countChanges } from "./diff.ts"
import { mainHead, treeOf } from "./refs.ts"
import { gitLine, GitFailed, runGit } from "./run-git.ts"
import { snapshotTree } from "./snapshot.ts"
import { emptyTree } from "./tree.ts"

const main = "refs/heads/main"
const nobody = "0".repeat(40)

/** Commits a work tree on top of `main`; null when nothing differs from it. */
export async function commitWorkTree(gitDir: string, input: CommitInput): Promise<CommitInfo | null> {
  const head = await mainHead(gitDir)
  const tree = await snapshotTree(gitDir, head, input.workTree)
  return commitTree(gitDir, { ...input, tree, head })
}

export type TreeCommit = Omit<CommitInput, "workTree"> & { tree: string; head: string | null }

/** Commits a stored tree on top of `head`; the ref moves last, and `main` only when it still is there. */
export async function commitTree(
  gitDir: string,
  { tree, head, message, author, ref }: TreeCommit,
): Promise<CommitInfo | null> {
  const base = head === null ? emptyTree : await treeOf(gitDir, head)
  if (tree === base) return null
  const sha = await writeCommit(gitDir, { tree, parents: head === null ? [] : [head], message, author })
  const changes = await countChanges(gitDir, base, tree)
  if (ref === main) await moveMain(gitDir, head, sha)
  else await runGit(gitDir, ["update-ref", ref, sha])
  return { sha, ...changes }
}

/** Stores a commit that no ref points to yet. */
export function writeCommit(
  gitDir: string,
  { tree, parents, message, author }: Pick<TreeCommit, "tree" | "message" | "author"> & { parents: string[] },
): Promise<string> {
  return gitLine(gitDir, ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"], {
    input: cleanText(message),
    env: {
      GIT_AUTHOR_NAME: identity(author.name, "Go Chat"),
      GIT_AUTHOR_EMAIL: identity(author.email, "gochat@localhost"),
      GIT_COMMITTER_NAME: "Go Chat",
      GIT_COMMITTER_EMAIL: "gochat@localhost",
    },
  })
}

/** Moves `main` from one commit (null = none) to another; throws `conflict` when it is not there. */
export async function moveMain(gitDir: string, from: string | null, to: string): Promise<void> {
  try {
    await runGit(gitDir, ["update-ref", main, to, from ?? nobody])
  } catch (error) {
    if (!(error instanceof GitFailed) || (await mainHead(gitDir)) === from) throw error
    throw new AppError("conflict", "Another version was made at the same moment. Try again.", { cause: error })
  }
}

/** git refuses a name that is empty without its brackets and line ends. */
function identity(text: string, otherwise: string): string {
  const plain = cleanText(text)
    .replaceAll(/[<>\p{Cc}]/gu, " ")
    .replaceAll(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, "")
  return plain === "" ? otherwise : plain.slice(0, 200)
}
