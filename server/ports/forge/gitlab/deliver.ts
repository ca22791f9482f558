import { RemoteGitError } from "../../repository/remote-git-error.ts"
import type { MergeRequestWords, RemoteLink } from "../port.ts"
import { pushTo } from "./deliver-direct.ts"
import { deliverRequest } from "./deliver-request.ts"
import { ensureLink, refreshLink } from "./ensure-link.ts"
import { isGitLab } from "./errors.ts"
import type { Tools } from "./tools.ts"
import { isWatched, keepWatch } from "./watch-project.ts"

export interface Delivery {
  projectId: string
  sha: string
  mergeRequest: MergeRequestWords | null
  /** Called before anything is pushed: from here on GitLab may have a pipeline of it. */
  pushing?: () => void
}

export type Delivered =
  /** GitLab has the version, on this branch; `passed`: which held it already, and has gone on. */
  | { type: "delivered"; link: RemoteLink; branch: string; passed: boolean }
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
  await renewHook(tools, projectId, link, signal)
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
  makes = false,
): Promise<Delivered> {
  if (mergeRequest !== null) {
    const words = mergeRequest
    const placed = await deliverRequest(tools, { projectId, sha, words, pushing }, link, signal)
    if (placed !== null) return { type: "delivered", link, ...placed }
  }
  const { branch, remoteId } = link
  const head = (await tools.links.find(projectId))?.head ?? null
  const saw = (seen: string | null) => tools.links.change(projectId, remoteId, () => ({ head: seen }))
  const pushed = await pushTo(tools, projectId, { link, branch, head, sha, makes, signal, pushing }, saw)
  if (pushed.type === "moved") return pushed
  if (pushed.type === "pushed") return { type: "delivered", link, branch, passed: pushed.passed }
  // Where somebody renamed the main branch, one of the old name must not come to be beside it.
  const now = await refreshLink(tools, projectId, link, signal)
  if (now === null) return { type: "gone" }
  return pushVersion(tools, { projectId, sha, mergeRequest, pushing }, now, signal, true)
}

/** With a version at the latest a hook gets secrets of ours that changed. */
async function renewHook(tools: Tools, projectId: string, link: RemoteLink, signal: AbortSignal): Promise<void> {
  if (isWatched(tools, projectId, link)) return
  try {
    await keepWatch(tools, projectId, link, signal)
  } catch (error) {
    // The push finds out that the project is not there any more.
    if (!isGitLab(error, "missing")) throw error
  }
}

/** Does the main branch hold it, as far as we saw? */
async function holds({ repository }: Tools, { projectId, sha }: Delivery, { head }: RemoteLink): Promise<boolean> {
  if (head === null || (await repository.resolve(projectId, head)) === null) return false
  return ["same", "behind"].includes(await repository.compare(projectId, sha, head))
}
