import type { PushInput, PushResult } from "../port.ts"
import { RemoteGitError } from "../remote-git-error.ts"
import { isAncestor } from "./compare.ts"
import { remoteError } from "./remote-fault.ts"
import { branchRef, remoteHead } from "./remote-head.ts"
import { type RemoteLimits, runRemote } from "./remote-run.ts"
import { resolveCommit } from "./refs.ts"

const options = ["--porcelain", "--quiet", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no"]

/**
 * Makes `sha` the head of a branch at the forge, forwards from `expected` alone. The lease is what makes it atomic: the
 * forge compares while it holds the branch. It would also allow going back, so that is looked at here, before.
 */
export async function pushCommit(gitDir: string, input: PushInput, limits: RemoteLimits): Promise<PushResult> {
  const { sha, expected, url } = input
  const ref = branchRef(input.branch)
  await refuseOverwriting(gitDir, sha, expected)
  const pushed = await runRemote(gitDir, input, {
    args: ["push", ...options, `--force-with-lease=${ref}:${expected ?? ""}`, url, `${sha}:${ref}`],
    ms: limits.pushMs,
    limits,
  }).catch((error: unknown) => {
    if (error instanceof RemoteGitError && error.kind === "timeout") return { exitCode: 1, fault: () => error }
    throw error
  })
  if (pushed.exitCode === 0) return { type: "pushed" }
  return afterFailure(gitDir, input, limits, pushed.fault())
}

async function refuseOverwriting(gitDir: string, sha: string, expected: string | null): Promise<void> {
  if ((await resolveCommit(gitDir, sha)) !== sha) throw new Error(`not a commit of this project: ${sha}`)
  if (expected === null || expected === sha) return
  const known = (await resolveCommit(gitDir, expected)) === expected
  if (!known || !(await isAncestor(gitDir, expected, sha)))
    throw remoteError(
      "refused",
      `${sha} does not build on ${expected}`,
      [],
      "GitLab has changes that are not in this version. They have to be brought in first; nothing was overwritten.",
    )
}

/** The answer may be what was lost, not the push; and one who came first is no fault. Only the branch itself can tell. */
async function afterFailure(
  gitDir: string,
  input: PushInput,
  limits: RemoteLimits,
  fault: RemoteGitError,
): Promise<PushResult> {
  if (fault.kind === "unauthorized" || fault.kind === "missing") throw fault
  const head = await remoteHead(gitDir, input, limits).catch(() => {
    input.signal.throwIfAborted()
    throw fault
  })
  if (head === input.sha) return { type: "pushed" }
  if (head !== input.expected) return { type: "moved", head }
  throw fault
}
