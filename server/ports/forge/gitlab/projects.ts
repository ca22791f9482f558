import { z } from "zod"
import type { GitLabClient } from "./client.ts"
import { GitLabError, isGitLab } from "./errors.ts"
import { nameOf, suffixed } from "./project-names.ts"

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

export type Shown = z.infer<typeof projectShape>

const anything = z.unknown()
/** So many names are tried. */
export const attempts = 50

/** How it is now; null when it is gone or on its way out. */
export async function showRemoteProject(
  client: GitLabClient,
  id: number | string,
  signal?: AbortSignal,
): Promise<RemoteProject | null> {
  const shown = await findRemote(client, id, signal)
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
  const shown = await findRemote(client, id, signal)
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

/** null when it is gone. */
export async function findRemote(
  client: GitLabClient,
  id: number | string,
  signal?: AbortSignal,
): Promise<Shown | null> {
  try {
    return await client.ask(projectShape, (api) => api.Projects.show(id), signal)
  } catch (error) {
    if (isGitLab(error, "missing")) return null
    throw error
  }
}

/** What we need of what GitLab shows. */
export const remoteOf = (shown: Shown): RemoteProject => ({
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

/** Is it on its way out? */
export const isMarked = (shown: Shown): boolean =>
  (shown.marked_for_deletion_on ?? shown.marked_for_deletion_at ?? null) !== null

/** Somebody has that name or path. */
export const isTaken = (error: unknown): boolean =>
  isGitLab(error, "invalid", "conflict") && /already been taken|still being deleted/i.test(error.detail)
