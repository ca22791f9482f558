import { RemoteGitError } from "../../repository/remote-git-error.ts"
import type { MergeRequestWords, RemoteLink } from "../port.ts"
import { pushTo } from "./deliver-direct.ts"
import { deliverRequest } from "./deliver-request.ts"
import { ensureLink, refreshLink } from "./ensure-link.ts"
import type { Tools } from "./tools.ts"

export interface Delivery {
  projectId: string
  sha: string
  mergeRequest: MergeRequestWords | null
  /** Called before anything is pushed: from here on GitLab may have a pipeline of it. */
  pushing?: () => void
}

export type Delivered =
  /** GitLab has the version, on this branch. */
  | { type: "delivered"; link: RemoteLink; branch: string }
  /** GitLab has commits that are not in it. */
  | { type: "moved"; head: string | null }
  /** The project was removed here. */
  | { type: "gone" }

/** Brings a version to GitLab, where the project is made when it is nowhere. Said again it does nothing. */
export async function deliver(tools: Tools, delivery: Delivery, signal: AbortSignal): Promise<Delivered> {
  const { projectId } = delivery
  const known = await ensureLink(tools, projectId, signal)
  // Where nothing has to be pushed, nobody would see that GitLab does not have the project any more.
  const link = known !== null && (await holds(tools, delivery, known)) ? await refreshLink(tools, projectId, known, signal) : known // prettier-ignore
  if (link === null) return { type: "gone" }
  try {
    return await pushVersion(tools, delivery, link, signal)
  } catch (error) {
    // A project that was renamed or removed at GitLab looks like this to git.
    if (!(error instanceof RemoteGitError) || !["missing", "refused"].includes(error.kind)) throw error
    const now = await refreshLink(tools, projectId, link, signal)
    if (now === null) return { type: "gone" }
    if (now.remoteId === link.remoteId && now.cloneUrl === link.cloneUrl) throw error
    return pushVersion(tools, delivery, now, signal)
  }
}

async function pushVersion(
  tools: Tools,
  { projectId, sha, mergeRequest, pushing }: Delivery,
  link: RemoteLink,
  signal: AbortSignal,
): Promise<Delivered> {
  if (mergeRequest !== null) {
    const branch = await deliverRequest(tools, { projectId, sha, words: mergeRequest, pushing }, link, signal)
    if (branch !== null) return { type: "delivered", link, branch }
  }
  const { branch, remoteId } = link
  const head = (await tools.links.find(projectId))?.head ?? null
  const saw = (seen: string | null) => tools.links.change(projectId, remoteId, () => ({ head: seen }))
  const pushed = await pushTo(tools, projectId, { link, branch, head, sha, signal, pushing }, saw)
  return pushed.type === "moved" ? pushed : { type: "delivered", link, branch }
}

/** Does the main branch hold it, as far as we saw? */
async function holds({ repository }: Tools, { projectId, sha }: Delivery, { head }: RemoteLink): Promise<boolean> {
  if (head === null || (await repository.resolve(projectId, head)) === null) return false
  return ["same", "behind"].includes(await repository.compare(projectId, sha, head))
}
