import { removeRemoteProject } from "./projects.ts"
import type { Tools } from "./tools.ts"

/** Nobody who removes a project here waits longer for GitLab. */
const mostMs = 10_000

/** Removes a project at GitLab: now, or, when GitLab cannot now, later. */
export async function removeDurably({ client, links, log }: Tools, remoteId: number): Promise<void> {
  await links.store.remove(remoteId)
  try {
    await removeRemoteProject(client, remoteId, AbortSignal.timeout(mostMs))
  } catch (err) {
    log.warn({ err, remoteId }, "a project at GitLab could not be removed yet")
    return
  }
  await links.store.removed(remoteId)
}
