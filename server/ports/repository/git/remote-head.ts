import type { RemoteBranch } from "../port.ts"
import { remoteError } from "./remote-fault.ts"
import { type RemoteLimits, runRemote } from "./remote-run.ts"

const commit = /^[0-9a-f]{40}$/
/** A narrow choice of what git allows; nothing that an argument or a ref pattern could be. */
const plainBranch = /^[A-Za-z0-9_](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9_-])?$/

/** Newest commit of the branch at the forge, null when there is no such branch. */
export async function remoteHead(gitDir: string, remote: RemoteBranch, limits: RemoteLimits): Promise<string | null> {
  const ref = branchRef(remote.branch)
  const args = ["ls-remote", "--quiet", "--refs", remote.url, ref]
  const asked = await runRemote(gitDir, remote, { args, ms: limits.askMs, limits })
  if (asked.exitCode !== 0) throw asked.fault()
  // A pattern also matches at the end of longer names.
  const line = asked.stdout.split("\n").find((line) => line.endsWith(`\t${ref}`))
  const sha = line?.split("\t")[0] ?? null
  if (sha !== null && !commit.test(sha)) throw remoteError("unusable", "the forge named a commit that is none")
  return sha
}

/** Throws for a name that no branch of ours has. */
export function branchRef(branch: string): string {
  if (!plainBranch.test(branch) || /\.\.|\/\/|\/\.|\.lock(?:\/|$)|@\{/.test(branch))
    throw remoteError("refused", `not a name for a branch: ${branch.slice(0, 100)}`)
  return `refs/heads/${branch}`
}
