import type { MergeRequest, MergeRequestWords, RemoteLink } from "../port.ts"
import { type Pushed, pushTo } from "./deliver-direct.ts"
import { ensureMergeRequest, showMergeRequest } from "./merge-requests.ts"
import { branchPrefix } from "./pipelines.ts"
import { branchAt, type Tools } from "./tools.ts"

export interface RequestDelivery {
  projectId: string
  sha: string
  words: MergeRequestWords
  pushing?: () => void
}

/**
 * Brings a version to a branch with a merge request: that of the one which is open, else a new one. Answers the branch;
 * null: the main branch holds the version, or there is none yet, so it goes there.
 */
export async function deliverRequest(
  tools: Tools,
  delivery: RequestDelivery,
  link: RemoteLink,
  signal: AbortSignal,
): Promise<string | null> {
  if (await isOnMain(tools, delivery, link, signal)) return null
  const { projectId, sha, words, pushing } = delivery
  const { remoteId } = link
  const push = async (branch: string): Promise<Pushed> => {
    const head = await tools.repository.fetch(projectId, branchAt(tools, link, branch, signal))
    return pushTo(tools, projectId, { link, branch, head, sha, signal, pushing }, async () => {})
  }
  const last = await refreshRequest(tools, projectId, link, signal)
  // Somebody else's commits on that branch are left alone: then this version gets one of its own.
  if (last?.state === "opened" && (await push(last.branch)).type === "pushed") return last.branch
  const branch = await pushNew(sha, push)
  const wanted = { remoteId, branch, target: link.branch, ...words }
  const mergeRequest = await ensureMergeRequest(tools.client, wanted, signal)
  await tools.links.change(projectId, remoteId, () => ({ mergeRequest }))
  return branch
}

/** How the merge request that was opened last is now, also remembered; null when there is none (any more). */
export async function refreshRequest(
  tools: Tools,
  projectId: string,
  { remoteId, mergeRequest }: RemoteLink,
  signal: AbortSignal,
): Promise<MergeRequest | null> {
  if (mergeRequest === null) return null
  const now = await showMergeRequest(tools.client, remoteId, mergeRequest.number, signal)
  await tools.links.change(projectId, remoteId, (link) =>
    link.mergeRequest?.number === mergeRequest.number ? { mergeRequest: now } : {},
  )
  return now
}

/** Looks there first: it may have been merged a moment ago. */
async function isOnMain(
  tools: Tools,
  { projectId, sha }: RequestDelivery,
  link: RemoteLink,
  signal: AbortSignal,
): Promise<boolean> {
  const head = await tools.repository.fetch(projectId, branchAt(tools, link, link.branch, signal))
  if (head !== link.head) await tools.links.change(projectId, link.remoteId, () => ({ head }))
  return head === null || ["same", "behind"].includes(await tools.repository.compare(projectId, sha, head))
}

/** The name is taken only where somebody works on our branch: then the whole sha is the name. */
async function pushNew(sha: string, push: (branch: string) => Promise<Pushed>): Promise<string> {
  const [short, whole] = [`${branchPrefix}${sha.slice(0, 8)}`, `${branchPrefix}${sha}`]
  if ((await push(short)).type === "pushed") return short
  await push(whole)
  return whole
}
