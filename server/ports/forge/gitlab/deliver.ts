import { RemoteGitError } from "../../repository/remote-git-error.ts"
import type { MergeRequestWords, RemoteLink } from "../port.ts"
import { pushTo } from "./deliver-direct.ts"
import { ensureLink, refreshLink } from "./ensure-link.ts"
import type { Tools } from "./tools.ts"

export interface Delivery {
  projectId: string
  sha: string
  mergeRequest: MergeRequestWords | null
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
  const link = await ensureLink(tools, projectId, signal)
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
  { projectId, sha }: Delivery,
  link: RemoteLink,
  signal: AbortSignal,
): Promise<Delivered> {
  const { branch, head, remoteId } = link
  const saw = (seen: string | null) => tools.links.change(projectId, remoteId, () => ({ head: seen }))
  const pushed = await pushTo(tools, projectId, { link, branch, head, sha, signal }, saw)
  return pushed.type === "moved" ? pushed : { type: "delivered", link, branch }
}
