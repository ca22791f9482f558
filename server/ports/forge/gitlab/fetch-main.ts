import { RemoteGitError } from "../../repository/remote-git-error.ts"
import type { RemoteLink } from "../port.ts"
import { followLink } from "./ensure-link.ts"
import { GitLabError } from "./errors.ts"
import { branchAt, type Tools } from "./tools.ts"

/**
 * Brings the newest commit of the main branch here; `seen` is what is remembered of it now. A project that was moved, or
 * whose main branch was renamed, is found again. Throws
 * `RemoteGitError`.
 */
export async function fetchMain(
  tools: Tools,
  projectId: string,
  link: RemoteLink,
  signal: AbortSignal,
): Promise<{ head: string | null; seen: string | null }> {
  const follow = () => asGit(followLink(tools, projectId, link, signal))
  const fetch = (at: RemoteLink) => tools.repository.fetch(projectId, branchAt(tools, at, at.branch, signal))
  try {
    const head = await fetch(link)
    if (head !== null) return { head, seen: link.head }
  } catch (error) {
    if (!(error instanceof RemoteGitError) || error.kind !== "missing") throw error
    const now = await follow()
    if (now === null || now.cloneUrl === link.cloneUrl) throw error
    return { head: await fetch(now), seen: now.head }
  }
  const now = (await follow()) ?? link
  return { head: now.branch === link.branch ? null : await fetch(now), seen: now.head }
}

/** Who wants commits knows one kind of trouble only. */
async function asGit<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (!(error instanceof GitLabError)) throw error
    throw new RemoteGitError("away", error.message, error.detail)
  }
}
