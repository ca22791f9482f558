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

/** On its branch; `passed`: that one held it already, and has gone on. */
export interface OnBranch {
  branch: string
  passed: boolean
}

/**
 * Brings a version to a branch with a merge request: that of the one which is open, else a new one. null: the main branch
 * holds the version, or there is none yet, so it goes there.
 */
export async function deliverRequest(
  tools: Tools,
  delivery: RequestDelivery,
  link: RemoteLink,
  signal: AbortSignal,
): Promise<OnBranch | null> {
  if (await isOnMain(tools, delivery, link, signal)) return null
  const { projectId, sha, words, pushing } = delivery
  const { remoteId } = link
  const push = async (branch: string): Promise<Pushed> => {
    const head = await tools.repository.fetch(projectId, branchAt(tools, link, branch, signal))
    return pushTo(tools, projectId, { link, branch, head, sha, makes: true, signal, pushing }, async () => {})
  }
  const last = await refreshRequest(tools, projectId, link, signal)
  if (last?.state === "closed" && (await isOnBranch(tools, delivery, link, last.branch, signal))) {
    // Somebody declined it. Looking at its checks again is no reason to offer it again.
    return { branch: last.branch, passed: true }
  }
  // Somebody else's commits on that branch are left alone: then this version gets one of its own.
  const pushed = last?.state === "opened" ? await push(last.branch) : null
  if (last !== null && pushed?.type === "pushed") return { branch: last.branch, passed: pushed.passed }
  const { branch, passed } = await pushNew(sha, push)
  const wanted = { remoteId, branch, target: link.branch, ...words }
  const mergeRequest = await ensureMergeRequest(tools.client, wanted, signal)
  await tools.links.change(projectId, remoteId, () => ({ mergeRequest }))
  return { branch, passed }
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
  return head === null || holds(tools, projectId, sha, head)
}

async function isOnBranch(
  tools: Tools,
  { projectId, sha }: RequestDelivery,
  link: RemoteLink,
  branch: string,
  signal: AbortSignal,
): Promise<boolean> {
  const head = await tools.repository.fetch(projectId, branchAt(tools, link, branch, signal))
  return head !== null && holds(tools, projectId, sha, head)
}

const holds = async ({ repository }: Tools, projectId: string, sha: string, head: string): Promise<boolean> =>
  ["same", "behind"].includes(await repository.compare(projectId, sha, head))

/** The name is taken only where somebody works on our branch: then the whole sha is the name. */
async function pushNew(sha: string, push: (branch: string) => Promise<Pushed>): Promise<OnBranch> {
  const [short, whole] = [`${branchPrefix}${sha.slice(0, 8)}`, `${branchPrefix}${sha}`]
  const pushed = await push(short)
  if (pushed.type === "pushed") return { branch: short, passed: pushed.passed }
  const again = await push(whole)
  return { branch: whole, passed: again.type === "pushed" && again.passed }
}
