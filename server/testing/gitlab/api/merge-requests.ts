import { afterPush } from "../git/after-push.ts"
import { branchesOf, gitLine, gitText, repoOf } from "../git/git.ts"
import { alone } from "../git/serve.ts"
import { hookProject, webUrlOf } from "../hooks/project-view.ts"
import { badRequest, created, notFound, ok, Refusal } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { flagOf, mustText, pathNumber, textOf } from "../http/values.ts"
import { bot, type MergeRequest, type Project, type World, zeroSha } from "../world.ts"
import { inProject } from "./find.ts"
import { userView } from "./people.ts"

async function view(world: World, project: Project, request: MergeRequest) {
  const branches = await branchesOf(repoOf(world, project))
  const mergeable = request.state === "opened" && (await mergedTree(world, project, request)) !== null
  return {
    id: request.id,
    iid: request.iid,
    project_id: project.id,
    title: request.title,
    description: request.description,
    state: request.state,
    created_at: request.createdAt.toISOString(),
    updated_at: (request.mergedAt ?? request.createdAt).toISOString(),
    merged_at: request.mergedAt?.toISOString() ?? null,
    closed_at: null,
    source_branch: request.sourceBranch,
    target_branch: request.targetBranch,
    source_project_id: project.id,
    target_project_id: project.id,
    author: userView(world),
    draft: false,
    merge_status: mergeable ? "can_be_merged" : "cannot_be_merged",
    detailed_merge_status: request.state !== "opened" ? "not_open" : mergeable ? "mergeable" : "conflict",
    has_conflicts: request.state === "opened" && !mergeable,
    sha: branches.get(request.sourceBranch) ?? null,
    merge_commit_sha: request.mergeCommitSha,
    squash_commit_sha: null,
    should_remove_source_branch: request.removeSourceBranch,
    web_url: `${webUrlOf(world, project)}/-/merge_requests/${request.iid}`,
  }
}

/** The tree that a merge would have; null when the branches contradict each other. */
async function mergedTree(world: World, project: Project, request: MergeRequest): Promise<string | null> {
  const refs = [`refs/heads/${request.targetBranch}`, `refs/heads/${request.sourceBranch}`]
  const tree = await gitText(repoOf(world, project), ["merge-tree", "--write-tree", "--no-messages", ...refs])
  return tree?.trim().split("\n")[0] ?? null
}

/** Merges as a person in GitLab would: a commit on the target branch, which starts its pipeline. */
export function mergeNow(world: World, project: Project, request: MergeRequest): Promise<string> {
  return alone(project.key, async () => {
    const dir = repoOf(world, project)
    const branches = await branchesOf(dir)
    const [target, source] = [branches.get(request.targetBranch), branches.get(request.sourceBranch)]
    if (request.state !== "opened" || target === undefined || source === undefined) throw new Refusal(405, { message: "405 Method Not Allowed" }) // prettier-ignore
    const tree = await mergedTree(world, project, request)
    if (tree === null) throw new Refusal(422, { message: "Branch cannot be merged" })
    const env = { GIT_AUTHOR_NAME: bot.name, GIT_AUTHOR_EMAIL: bot.email, GIT_COMMITTER_NAME: bot.name, GIT_COMMITTER_EMAIL: bot.email } // prettier-ignore
    const message = `Merge branch '${request.sourceBranch}' into '${request.targetBranch}'\n\n${request.title}`
    const sha = await gitLine(dir, ["commit-tree", tree, "-p", target, "-p", source, "-m", message], { env })
    await gitLine(dir, ["update-ref", `refs/heads/${request.targetBranch}`, sha, target])
    const changes = [{ branch: request.targetBranch, before: target, after: sha }]
    if (request.removeSourceBranch) {
      await gitLine(dir, ["update-ref", "-d", `refs/heads/${request.sourceBranch}`, source])
      changes.push({ branch: request.sourceBranch, before: source, after: zeroSha })
    }
    Object.assign(request, { state: "merged", mergedAt: new Date(), mergeCommitSha: sha })
    await afterPush(world, project, changes)
    tell(world, project, request, "merge")
    return sha
  })
}

function tell(world: World, project: Project, request: MergeRequest, action: string): void {
  world.center.emit(project.id, "merge_request", async () => ({
    object_kind: "merge_request",
    event_type: "merge_request",
    user: { id: bot.id, name: bot.name, username: bot.username, avatar_url: null, email: "[REDACTED]" },
    project: hookProject(world, project),
    object_attributes: { ...(await view(world, project, request)), action, url: `${webUrlOf(world, project)}/-/merge_requests/${request.iid}` }, // prettier-ignore
    labels: [],
    changes: {},
  }))
}

async function create(call: Call, project: Project) {
  const { world } = call
  const [source, target, title] = [mustText(call, "source_branch"), mustText(call, "target_branch"), mustText(call, "title")] // prettier-ignore
  const branches = await branchesOf(repoOf(world, project))
  if (source === target) throw badRequest(["You can't use same project/branch for source and target"])
  if (!branches.has(source)) throw badRequest({ source_branch: ["does not exist"] })
  if (!branches.has(target)) throw badRequest({ target_branch: ["does not exist"] })
  const open = project.mergeRequests.find((known) => known.state === "opened" && known.sourceBranch === source && known.targetBranch === target) // prettier-ignore
  if (open !== undefined) {
    throw new Refusal(409, {
      message: [`Another open merge request already exists for this source branch: !${open.iid}`],
    })
  }
  const request: MergeRequest = {
    id: world.nextId(),
    iid: project.mergeRequests.length + 1,
    title,
    description: textOf(call, "description"),
    sourceBranch: source,
    targetBranch: target,
    state: "opened",
    createdAt: new Date(),
    mergedAt: null,
    mergeCommitSha: null,
    removeSourceBranch: flagOf(call, "remove_source_branch") ?? false,
  }
  project.mergeRequests.push(request)
  tell(world, project, request, "open")
  return created(await view(world, project, request))
}

function find(call: Call, project: Project): MergeRequest {
  const iid = pathNumber(call, "iid")
  const request = project.mergeRequests.find((request) => request.iid === iid)
  if (request === undefined) throw notFound("Merge Request")
  return request
}

/** Merge requests: opened, found, changed, merged. */
export const mergeRequestRoutes: Routes = {
  "POST /projects/:id/merge_requests": inProject(create, 30),
  "GET /projects/:id/merge_requests": inProject(async (call, project) => {
    const wanted = (name: string, value: string) => (textOf(call, name) ?? value) === value
    const state = textOf(call, "state") ?? "all"
    const rows = project.mergeRequests.filter(
      (request) =>
        wanted("source_branch", request.sourceBranch) &&
        wanted("target_branch", request.targetBranch) &&
        (state === "all" || state === request.state),
    )
    const views = await Promise.all(rows.toReversed().map((request) => view(call.world, project, request)))
    return page(call, views, (row) => row)
  }),
  "GET /projects/:id/merge_requests/:iid": inProject(async (call, project) =>
    ok(await view(call.world, project, find(call, project))),
  ),
  "PUT /projects/:id/merge_requests/:iid": inProject(async (call, project) => {
    const request = find(call, project)
    const event = textOf(call, "state_event")
    Object.assign(request, {
      title: textOf(call, "title") ?? request.title,
      description: textOf(call, "description") ?? request.description,
      state: event === "close" ? "closed" : event === "reopen" ? "opened" : request.state,
    })
    if (event !== null) tell(call.world, project, request, event)
    return ok(await view(call.world, project, request))
  }, 30),
  "PUT /projects/:id/merge_requests/:iid/merge": inProject(async (call, project) => {
    const request = find(call, project)
    const expected = textOf(call, "sha")
    const head = (await branchesOf(repoOf(call.world, project))).get(request.sourceBranch)
    if (expected !== null && expected !== head) {
      throw new Refusal(409, { message: "SHA does not match HEAD of source branch" })
    }
    await mergeNow(call.world, project, request)
    return ok(await view(call.world, project, request))
  }, 30),
}
