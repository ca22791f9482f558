import type { RefChange } from "../git/after-push.ts"
import { commitsBetween } from "../git/commits.ts"
import { repoOf } from "../git/git.ts"
import { bot, type Project, type World, zeroSha } from "../world.ts"
import { hookProject, hookRepository, webUrlOf } from "./project-view.ts"

/** The body of a push hook: the newest twenty commits. */
export async function pushBody(world: World, project: Project, change: RefChange): Promise<Record<string, unknown>> {
  const commits = await commitsBetween(repoOf(world, project), change.before, change.after)
  const view = hookProject(world, project)
  return {
    object_kind: "push",
    event_name: "push",
    before: change.before,
    after: change.after,
    ref: `refs/heads/${change.branch}`,
    ref_protected: project.protections.some(({ name }) => name === change.branch),
    checkout_sha: change.after === zeroSha ? null : change.after,
    message: null,
    user_id: bot.id,
    user_name: bot.name,
    user_username: bot.username,
    user_email: "",
    user_avatar: null,
    project_id: project.id,
    project: {
      ...view,
      homepage: view.web_url,
      url: view.git_ssh_url,
      ssh_url: view.git_ssh_url,
      http_url: view.git_http_url,
    },
    commits: commits.slice(-20).map((commit) => ({
      id: commit.id,
      message: commit.message,
      title: commit.title,
      timestamp: commit.committed_date,
      url: `${webUrlOf(world, project)}/-/commit/${commit.id}`,
      author: { name: commit.author_name, email: "[REDACTED]" },
      added: commit.added,
      modified: commit.modified,
      removed: commit.removed,
    })),
    total_commits_count: commits.length,
    push_options: {},
    repository: hookRepository(world, project),
  }
}
