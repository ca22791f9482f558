import type { RemoteLink } from "../port.ts"
import { GitLabError, isGitLab } from "./errors.ts"
import { ensureHook } from "./hooks.ts"
import { createRemoteProject, type RemoteProject, showRemoteProject } from "./projects.ts"
import { removeDurably } from "./remove.ts"
import { findGroup } from "./setup.ts"
import type { Tools } from "./tools.ts"

/** Of a description: behind it comes the address, which must not be cut off. */
const mostWords = 1_500

/** Where the project is at GitLab; made when it is nowhere. null: the project was removed here. */
export const ensureLink = async (tools: Tools, projectId: string, signal: AbortSignal): Promise<RemoteLink | null> =>
  (await tools.links.find(projectId)) ?? makeLink(tools, projectId, signal)

/**
 * Looks whether what is remembered still holds: GitLab may have renamed the project, and one that was removed there is
 * made anew. null: the project was removed here.
 */
export async function refreshLink(
  tools: Tools,
  projectId: string,
  link: RemoteLink,
  signal: AbortSignal,
): Promise<RemoteLink | null> {
  const shown = await showRemoteProject(tools.client, link.remoteId, signal)
  if (shown === null) return makeLink(tools, projectId, signal)
  return tools.links.change(projectId, link.remoteId, () => placeOf(shown))
}

async function makeLink(tools: Tools, projectId: string, signal: AbortSignal): Promise<RemoteLink | null> {
  const { client, links } = tools
  const words = await links.store.describe(projectId)
  if (words === null) return null
  const group = await findGroup(client, tools.group, signal)
  if (group === null) throw noGroup(tools.group)
  const { slug, title, address } = words
  const description = [words.description.trim().slice(0, mostWords), address].filter((part) => part !== "").join("\n\n")
  const named = { projectId, slug, title, description }
  const made = await createRemoteProject(client, { id: group.id, path: group.full_path }, named, signal)
  await watchProject(tools, projectId, made.id, signal)
  const link = {
    ...placeOf(made),
    remoteId: made.id,
    branch: made.defaultBranch,
    head: null,
    title,
    mergeRequest: null,
  }
  if (await links.replace(projectId, link)) return link
  await removeDurably(tools, made.id)
  return null
}

/** Hooks only make it faster: where GitLab refuses one, pipelines are looked at by the clock. */
export async function watchProject(
  tools: Tools,
  projectId: string,
  remoteId: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await ensureHook(tools.client, { remoteId, ...tools.hookOf(projectId) }, signal)
  } catch (error) {
    if (!isGitLab(error, "invalid", "forbidden")) throw error
    tools.log.warn({ projectId, remoteId, said: error.detail }, error.message)
  }
}

const placeOf = ({ path, webUrl, cloneUrl, images }: RemoteProject) => ({ path, webUrl, cloneUrl, images })

const noGroup = (group: string): GitLabError =>
  new GitLabError(
    "missing",
    `GitLab has no group “${group}”, or the access token may not see it. Who runs Go Chat can make it, or name another one in the settings.`,
    `no group ${group}`,
  )
