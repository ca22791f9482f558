import type { RemoteLink } from "../port.ts"
import { GitLabError } from "./errors.ts"
import { createRemoteProject } from "./create-project.ts"
import { type RemoteProject, showRemoteProject } from "./projects.ts"
import { removeDurably } from "./remove.ts"
import { findGroup } from "./setup.ts"
import { branchAt, type Tools } from "./tools.ts"
import { watchProject } from "./watch-project.ts"

/** Of a description: behind it comes the address, which must not be cut off. */
const mostWords = 1_500

/** Where the project is at GitLab; made when it is nowhere. null: the project was removed here. */
export const ensureLink = async (tools: Tools, projectId: string, signal: AbortSignal): Promise<RemoteLink | null> =>
  (await tools.links.find(projectId)) ?? makeLink(tools, projectId, signal)

/**
 * Looks whether what is remembered still holds: GitLab may have renamed the project or its main branch, and a project
 * that was removed there is made anew. null: the project was removed here.
 */
export async function refreshLink(
  tools: Tools,
  projectId: string,
  link: RemoteLink,
  signal: AbortSignal,
): Promise<RemoteLink | null> {
  const shown = await showRemoteProject(tools.client, link.remoteId, signal)
  return shown === null ? makeLink(tools, projectId, signal) : adopt(tools, projectId, link, shown, signal)
}

/** As `refreshLink`, but nothing is made; null: the project is not there any more. */
export async function followLink(
  tools: Tools,
  projectId: string,
  link: RemoteLink,
  signal: AbortSignal,
): Promise<RemoteLink | null> {
  const shown = await showRemoteProject(tools.client, link.remoteId, signal)
  return shown === null ? null : adopt(tools, projectId, link, shown, signal)
}

async function adopt(
  tools: Tools,
  projectId: string,
  link: RemoteLink,
  shown: RemoteProject,
  signal: AbortSignal,
): Promise<RemoteLink | null> {
  const place = placeOf(shown)
  const main = await mainOf(tools, projectId, { ...link, ...place }, shown.defaultBranch, signal)
  return tools.links.change(projectId, link.remoteId, () => ({ ...place, ...main }))
}

/**
 * The branch that versions go to stays for as long as it is there: another one may be the main branch for a reason of its
 * own. Where it is gone, somebody renamed it, and the main branch of GitLab is ours, too.
 */
async function mainOf(
  tools: Tools,
  projectId: string,
  link: RemoteLink,
  defaultBranch: string,
  signal: AbortSignal,
): Promise<Partial<RemoteLink>> {
  if (defaultBranch === link.branch) return {}
  const fetch = (branch: string) => tools.repository.fetch(projectId, branchAt(tools, link, branch, signal))
  if ((await fetch(link.branch)) !== null) return {}
  return { branch: defaultBranch, head: await fetch(defaultBranch) }
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
  const link = {
    ...placeOf(made),
    remoteId: made.id,
    branch: made.defaultBranch,
    head: null,
    title,
    mergeRequest: null,
    hook: await watchProject(tools, projectId, { remoteId: made.id, hook: null }, signal),
  }
  if (await links.replace(projectId, link)) return link
  await removeDurably(tools, made.id)
  return null
}

const placeOf = ({ path, webUrl, cloneUrl, images }: RemoteProject) => ({ path, webUrl, cloneUrl, images })

const noGroup = (group: string): GitLabError =>
  new GitLabError(
    "missing",
    `GitLab has no group “${group}”, or the access token may not see it. Who runs this server can make it, or name another one as GITLAB_GROUP.`,
    `no group ${group}`,
  )
