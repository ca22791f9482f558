import type { GitLabClient } from "./client.ts"
import { GitLabError } from "./errors.ts"
import { nameOf, pathOf, suffixed } from "./project-names.ts"
import {
  attempts,
  findRemote,
  isMarked,
  isTaken,
  projectShape,
  type RemoteProject,
  remoteOf,
  type Shown,
} from "./projects.ts"

export interface NewProject {
  projectId: string
  slug: string
  title: string
  description: string
}

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
      const ours = await findRemote(client, `${group.path}/${path}`, signal)
      if (ours !== null && !isMarked(ours) && lastLine(ours) === markOf(input.projectId)) {
        return remoteOf(ours)
      }
      if (!isTaken(error)) throw error
    }
  }
  throw new GitLabError("conflict", "GitLab has too many projects with this name. Choose another name.", input.slug)
}

/** By its last line, which nobody who describes an app can choose, a project is known again. */
export const mark = "Go Chat project"

const markOf = (projectId: string): string => `${mark} ${projectId}`

const lastLine = ({ description }: Shown): string => (description ?? "").trim().split("\n").at(-1)?.trim() ?? ""

const mostDescription = 1800

const marked = ({ description, projectId }: NewProject): string =>
  [description.trim().slice(0, mostDescription), markOf(projectId)].filter((part) => part !== "").join("\n\n")
