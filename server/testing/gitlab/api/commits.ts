import { type Commit, listCommits, readCommit } from "../git/commits.ts"
import { gitText, repoOf, resolve } from "../git/git.ts"
import { webUrlOf } from "../hooks/project-view.ts"
import { badParameter, created, notFound, ok } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { flagOf, mustText, textOf } from "../http/values.ts"
import { pipelinesOf, type Project, type World } from "../world.ts"
import { type CommitAction, commitFiles } from "./commit-files.ts"
import { inProject } from "./find.ts"
import { basicPipelineView } from "./pipeline-view.ts"

export const commitView = (world: World, project: Project, commit: Commit) => ({
  ...commit,
  trailers: {},
  extended_trailers: {},
  web_url: `${webUrlOf(world, project)}/-/commit/${commit.id}`,
})

async function detailView(world: World, project: Project, sha: string) {
  const dir = repoOf(world, project)
  const commit = await readCommit(dir, sha)
  if (commit === null) throw notFound("Commit")
  const last = pipelinesOf(world, project.id).find((pipeline) => pipeline.sha === sha)
  const numbers = (await gitText(dir, ["show", "--numstat", "--format=", "--first-parent", sha])) ?? ""
  const sum = (at: number) => numbers.split("\n").reduce((all, line) => all + (Number(line.split("\t")[at]) || 0), 0)
  const [additions, deletions] = [sum(0), sum(1)]
  return {
    ...commitView(world, project, commit),
    stats: { additions, deletions, total: additions + deletions },
    status: last?.status ?? null,
    last_pipeline: last === undefined ? null : basicPipelineView(world, project, last),
    project_id: project.id,
  }
}

async function create(call: Call, project: Project) {
  const { world, body } = call
  const actions = body["actions"]
  if (!Array.isArray(actions)) throw badParameter("actions is missing")
  const [name, email] = [textOf(call, "author_name"), textOf(call, "author_email")]
  const sha = await commitFiles(world, project, {
    branch: mustText(call, "branch"),
    message: mustText(call, "commit_message"),
    actions: actions as CommitAction[],
    startBranch: textOf(call, "start_branch"),
    startSha: textOf(call, "start_sha"),
    force: flagOf(call, "force") === true,
    ...(name === null || email === null ? {} : { author: { name, email } }),
  })
  return created(await detailView(world, project, sha))
}

/** Commits: made, listed, read. */
export const commitRoutes: Routes = {
  "POST /projects/:id/repository/commits": inProject(create, 30),
  "GET /projects/:id/repository/commits": inProject(async (call, project) => {
    const dir = repoOf(call.world, project)
    const ref = textOf(call, "ref_name") ?? project.defaultBranch
    const sha = await resolve(dir, ref)
    if (sha === null) {
      if (textOf(call, "ref_name") === null) return page(call, [], () => null, { total: false })
      throw notFound("Commit")
    }
    const path = textOf(call, "path")
    const since = textOf(call, "since")
    const commits = await listCommits(dir, [
      ...(since === null ? [] : [`--since=${since}`]),
      sha,
      ...(path === null ? [] : ["--", path]),
    ])
    return page(call, commits, (commit) => commitView(call.world, project, commit), { total: false })
  }),
  "GET /projects/:id/repository/commits/:sha": inProject(async (call, project) => {
    const sha = await resolve(repoOf(call.world, project), call.params["sha"] ?? "")
    if (sha === null) throw notFound("Commit")
    return ok(await detailView(call.world, project, sha))
  }),
  "GET /projects/:id/repository/commits/:sha/diff": inProject(async (call, project) => {
    const dir = repoOf(call.world, project)
    const sha = await resolve(dir, call.params["sha"] ?? "")
    if (sha === null) throw notFound("Commit")
    const lines = ((await gitText(dir, ["diff-tree", "--root", "-r", "--no-commit-id", "--no-renames", sha])) ?? "").split("\n").filter(Boolean) // prettier-ignore
    const rows = lines.map((line) => {
      const [, aMode = "", bMode = "", , , status = "", path = ""] = /^:(\d+) (\d+) (\w+) (\w+) (\w)\t(.+)$/.exec(line) ?? [] // prettier-ignore
      return { diff: "", new_path: path, old_path: path, a_mode: aMode, b_mode: bMode, new_file: status === "A", renamed_file: false, deleted_file: status === "D", generated_file: false, collapsed: false, too_large: false } // prettier-ignore
    })
    return page(call, rows, (row) => row)
  }),
}
