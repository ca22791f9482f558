import { remoteError } from "./remote-fault.ts"
import { gitLine, GitFailed } from "./run-git.ts"
import { mostFiles } from "./snapshot.ts"
import { listTree } from "./tree.ts"

/** Of all files together, as they are laid down. */
const mostBytes = 500_000_000
/** Of one file: it is in memory when it is laid down. */
const largestFile = 100_000_000
/** Of the commit itself: its message is part of every job that the forge tells of. */
const longestCommit = 100_000

/**
 * Throws `RemoteGitError` for a commit of others that no project can hold: a few bytes in a pack can unfold to any number
 * of files, or to a file of any size.
 */
export async function assertUsable(gitDir: string, commit: string, env: Record<string, string>): Promise<void> {
  const size = Number(await gitLine(gitDir, ["cat-file", "-s", commit], { env }))
  if (size > longestCommit) throw unusable(`the commit has ${size} bytes`)
  const entries = await listTree(gitDir, commit, { env }).catch((error: unknown) => {
    if (error instanceof GitFailed) throw unusable(error.message)
    throw error
  })
  if (entries.length > mostFiles) throw unusable(`${entries.length} files`)
  const large = entries.find((entry) => entry.size > largestFile)
  if (large !== undefined) throw unusable(`a file of ${large.size} bytes`)
  const bytes = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (bytes > mostBytes) throw unusable(`${bytes} bytes`)
}

const unusable = (detail: string) =>
  remoteError(
    "unusable",
    detail,
    [],
    "What is in GitLab has too many or too large files to be brought in. Nothing was changed here.",
  )
