import type { RemoteLink } from "../port.ts"
import { isGitLab } from "./errors.ts"
import { ensureHook, hookMark } from "./hooks.ts"
import type { Tools } from "./tools.ts"

/**
 * Sees to it that news of the project come here. GitLab tells no secret of a hook: where ours are not those that it was
 * last given, they are written again. Answers what stands for them; null where GitLab refuses: then pipelines are looked
 * at by the clock.
 */
export async function watchProject(
  tools: Tools,
  projectId: string,
  { remoteId, hook }: Pick<RemoteLink, "remoteId" | "hook">,
  signal: AbortSignal,
): Promise<string | null> {
  const wanted = tools.hookOf(projectId)
  const mark = hookMark(wanted)
  try {
    await ensureHook(tools.client, { remoteId, ...wanted, rewrite: hook !== mark }, signal)
    tools.refusals.delete(remoteId)
    return mark
  } catch (error) {
    if (!isGitLab(error, "invalid", "forbidden", "conflict")) throw error
    tools.log.warn({ projectId, remoteId, said: error.detail }, error.message)
    tools.refusals.set(remoteId, error.message)
    return null
  }
}

/** The same for a project that is remembered, with what its hook has now. */
export async function keepWatch(tools: Tools, projectId: string, link: RemoteLink, signal: AbortSignal): Promise<void> {
  const hook = await watchProject(tools, projectId, link, signal)
  await tools.links.change(projectId, link.remoteId, () => ({ hook }))
}

/** Does its hook carry what it should, as far as we know? */
export const isWatched = (tools: Tools, projectId: string, { hook }: RemoteLink): boolean =>
  hook === hookMark(tools.hookOf(projectId))
