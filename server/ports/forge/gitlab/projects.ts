import { z } from "zod"
import type { GitLabClient } from "./client.ts"
import { GitLabError, isGitLab } from "./errors.ts"
import { nameOf, pathOf, suffixed } from "./project-names.ts"

/** A project at the forge. */
export interface RemoteProject {
  id: number
  /** With its groups: `apps/shop`. */
  path: string
  webUrl: string
  cloneUrl: string
  defaultBranch: string
  /** Where its images go to in the registry; null when it has none. */
  images: string | null
}

export interface NewProject {
  projectId: string
  slug: string
  title: string
  description: string
}

export const projectShape = z.looseObject({
  id: z.int(),
  path: z.string(),
  path_with_namespace: z.string(),
  web_url: z.string(),
  http_url_to_repo: z.string(),
  default_branch: z.string().nullish(),
  description: z.string().nullish(),
  marked_for_deletion_on: z.string().nullish(),
  marked_for_deletion_at: z.string().nullish(),
  container_registry_enabled: z.boolean().nullish(),
  container_registry_access_level: z.string().nullish(),
  container_registry_image_prefix: z.string().nullish(),
})

type Shown = z.infer<typeof projectShape>

const anything = z.unknown()
const attempts = 50

/** Makes a private project in a group; one that an earlier attempt made for the same project is found again. */
export async function createRemoteProject(
  client: GitLabClient,
  group: { id: number; path: string },
  input: NewProject,
  signal?: AbortSignal,
): Promise<RemoteProject> {
  for (let number = 0; number <= attempts; number++) {
    const path = suffixed(pathOf(input.slug), Math.max(number, 1), "-")
    // Many projects may have one title, and then each goes by its path, too: that is its own.
    const title = nameOf(input.title, path)
    const name = number === 0 ? title : `${title} ${path}`
    try {
      const made = await client.ask(projectShape, (api) => api.Projects.create({
        namespaceId: group.id,
        path,
        name,
        description: marked(input),
        visibility: "private",
        autoDevopsEnabled: false,
        initializeWithReadme: false,
        // A version stays the commit that was checked, and nothing goes live that was not.
        squashOption: "never",
        onlyAllowMergeIfPipelineSucceeds: true,
      }), signal) // prettier-ignore
      return remoteOf(made)
    } catch (error) {
      const looked = isTaken(error) || (error instanceof GitLabError && error.about.maybeDone)
      if (!looked) throw error
      const ours = await find(client, `${group.path}/${path}`, signal)
      if (ours !== null && !isMarked(ours) && lastLine(ours) === markOf(input.projectId)) {
        return remoteOf(ours)
      }
      if (!isTaken(error)) throw error
    }
  }
  throw new GitLabError("conflict", "GitLab has too many projects with this name. Choose another name.", input.slug)
}

/** How it is now; null when it is gone or on its way out. */
export async function showRemoteProject(
  client: GitLabClient,
  id: number | string,
  signal?: AbortSignal,
): Promise<RemoteProject | null> {
  const shown = await find(client, id, signal)
  return shown === null || isMarked(shown) ? null : remoteOf(shown)
}

/** Gives it another title; its address stays. A title that another project has gets this one's number. */
export async function renameRemoteProject(
  client: GitLabClient,
  id: number,
  title: string,
  signal?: AbortSignal,
): Promise<RemoteProject> {
  for (let number = 1; number <= attempts; number++) {
    const wanted = nameOf(title, `project-${id}`)
    const name = number === 1 ? wanted : suffixed(`${wanted} ${id}`, number - 1, " ")
    try {
      return remoteOf(await client.ask(projectShape, (api) => api.Projects.edit(id, { name }), signal))
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  throw new GitLabError("conflict", "GitLab has too many projects with this name. Choose another name.", title)
}

/**
 * Removes it for good. Newer GitLabs only mark it at first; what is marked counts as removed, also when it may not
 * be removed at once.
 */
export async function removeRemoteProject(client: GitLabClient, id: number, signal?: AbortSignal): Promise<void> {
  const first = await client.ask(anything, (api) => api.Projects.remove(id), signal).catch((error: unknown) => error)
  if (isGitLab(first, "missing")) return
  const shown = await find(client, id, signal)
  if (shown === null) return
  if (!isMarked(shown)) {
    if (first instanceof Error) throw first
    return
  }
  try {
    const fullPath = shown.path_with_namespace
    await client.ask(anything, (api) => api.Projects.remove(id, { permanentlyRemove: true, fullPath }), signal)
  } catch (error) {
    if (!(error instanceof GitLabError)) throw error
  }
}

async function find(client: GitLabClient, id: number | string, signal?: AbortSignal): Promise<Shown | null> {
  try {
    return await client.ask(projectShape, (api) => api.Projects.show(id), signal)
  } catch (error) {
    if (isGitLab(error, "missing")) return null
    throw error
  }
}

const remoteOf = (shown: Shown): RemoteProject => ({
  id: shown.id,
  path: shown.path_with_namespace,
  webUrl: shown.web_url,
  cloneUrl: shown.http_url_to_repo,
  defaultBranch: shown.default_branch ?? "main",
  images: imagesOf(shown),
})

function imagesOf(shown: Shown): string | null {
  const off = shown.container_registry_enabled === false || shown.container_registry_access_level === "disabled"
  return off ? null : (shown.container_registry_image_prefix ?? null)
}

const isMarked = (shown: Shown): boolean =>
  (shown.marked_for_deletion_on ?? shown.marked_for_deletion_at ?? null) !== null

const isTaken = (error: unknown): boolean =>
  isGitLab(error, "invalid", "conflict") && /already been taken|still being deleted/i.test(error.detail)

/** By its last line, which nobody who describes an app can choose, a project is known again. */
export const mark = "Go Chat project"

const markOf = (projectId: string): string => `${mark} ${projectId}`

const lastLine = ({ description }: Shown): string => (description ?? "").trim().split("\n").at(-1)?.trim() ?? ""

const mostDescription = 1800

const marked = ({ description, projectId }: NewProject): string =>
  [description.trim().slice(0, mostDescription), markOf(projectId)].filter((part) => part !== "").join("\n\n")
