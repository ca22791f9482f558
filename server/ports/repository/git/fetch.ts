import type { RemoteBranch } from "../port.ts"
import { assertUsable } from "./assert-usable.ts"
import { Quarantine } from "./quarantine.ts"
import { deleteRef } from "./refs.ts"
import { remoteHead } from "./remote-head.ts"
import { type RemoteLimits, runRemote } from "./remote-run.ts"
import { runGit } from "./run-git.ts"

const options = [
  "--quiet",
  "--no-tags",
  "--no-recurse-submodules",
  "--no-write-fetch-head",
  "--no-auto-maintenance",
  "--no-show-forced-updates",
  "--no-write-commit-graph",
  "--refmap=",
]

/** Brings a branch of the forge into the repository, checked, as `refs/gochat/forge/<branch>`; null when there is none. */
export async function fetchBranch(gitDir: string, remote: RemoteBranch, limits: RemoteLimits): Promise<string | null> {
  const head = await remoteHead(gitDir, remote, limits)
  const ref = `refs/gochat/forge/${remote.branch}`
  if (head === null) {
    await deleteRef(gitDir, ref)
    return null
  }
  await using quarantine = await Quarantine.open(gitDir)
  // By its sha: what comes is what was named, wherever the branch moves meanwhile. git checks that nothing is missing.
  const fetched = await runRemote(gitDir, remote, {
    args: ["fetch", ...options, remote.url, head],
    ms: limits.fetchMs,
    limits,
    env: quarantine.env,
  })
  if (fetched.exitCode !== 0) throw fetched.fault()
  await assertUsable(gitDir, head, quarantine.env)
  await quarantine.moveIn()
  await runGit(gitDir, ["update-ref", ref, head])
  return head
}
