import { type CommitAction, commitFiles } from "./api/commit-files.ts"
import { mergeNow } from "./api/merge-requests.ts"
import { makeProject } from "./api/projects.ts"
import { gitText, repoOf, resolve } from "./git/git.ts"
import type { Project, World } from "./world.ts"

/** Files by path; null removes one. */
export type FileChanges = Record<string, string | null>
export interface CommitOptions {
  branch?: string
  startBranch?: string
  message?: string
}

/** What somebody else does in GitLab's own pages. */
export class Outsider {
  constructor(private readonly world: World) {}

  async createProject({
    files,
    ...input
  }: { path: string; files?: Record<string, string> } & Partial<Project>): Promise<Project> {
    const [group] = this.world.groups
    if (group === undefined) throw new Error("there is no group")
    const project = await makeProject(this.world, { name: input.path, group, autoDevOps: false, ...input })
    if (files !== undefined) await this.commit(project.id, files, { message: "Initial commit" })
    return project
  }

  async commit(projectId: number, files: FileChanges, options: CommitOptions = {}): Promise<string> {
    const project = this.project(projectId)
    const { branch = project.defaultBranch, startBranch = null, message = "A change from outside" } = options
    const from = startBranch ?? branch
    const list = await gitText(repoOf(this.world, project), ["ls-tree", "-r", "--name-only", "-z", from])
    const known = list?.split("\0") ?? []
    const actions = Object.entries(files).map(([path, content]): CommitAction => {
      if (content === null) return { action: "delete", file_path: path }
      return { action: known.includes(path) ? "update" : "create", file_path: path, content }
    })
    return commitFiles(this.world, project, { branch, message, actions, startBranch })
  }

  async merge(projectId: number, iid: number): Promise<string> {
    const project = this.project(projectId)
    const request = project.mergeRequests.find((request) => request.iid === iid)
    if (request === undefined) throw new Error("there is no such merge request")
    return mergeNow(this.world, project, request)
  }

  async head(projectId: number, branch?: string): Promise<string | null> {
    const project = this.project(projectId)
    return resolve(repoOf(this.world, project), branch ?? project.defaultBranch)
  }

  project(id: number): Project {
    const project = this.world.projects.get(id)
    if (project === undefined) throw new Error("there is no such project")
    return project
  }
}
