import { afterPush } from "../git/after-push.ts"
import { readCommit } from "../git/commits.ts"
import { branchesOf, gitLine, repoOf, resolve } from "../git/git.ts"
import { webUrlOf } from "../hooks/project-view.ts"
import { badRequest, created, noContent, notFound, ok } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Routes } from "../http/router.ts"
import { mustText, textOf } from "../http/values.ts"
import { type Project, type World, zeroSha } from "../world.ts"
import { commitView } from "./commits.ts"
import { inProject } from "./find.ts"

async function branchView(world: World, project: Project, name: string, sha: string) {
  const commit = await readCommit(repoOf(world, project), sha)
  if (commit === null) throw notFound("Branch")
  const protection = project.protections.find((protection) => new Bun.Glob(protection.name).match(name))
  return {
    name,
    commit: commitView(world, project, commit),
    merged: false,
    protected: protection !== undefined,
    developers_can_push: (protection?.pushLevel ?? 40) === 30,
    developers_can_merge: (protection?.mergeLevel ?? 40) === 30,
    can_push: protection === undefined || world.settings.accessLevel >= Math.max(protection.pushLevel, 1),
    default: name === project.defaultBranch,
    web_url: `${webUrlOf(world, project)}/-/tree/${name}`,
  }
}

/** Branches. */
export const branchRoutes: Routes = {
  "GET /projects/:id/repository/branches": inProject(async (call, project) => {
    const search = textOf(call, "search") ?? ""
    const branches = [...(await branchesOf(repoOf(call.world, project)))].filter(([name]) => name.includes(search))
    const views = await Promise.all(branches.map(([name, sha]) => branchView(call.world, project, name, sha)))
    return page(call, views, (view) => view)
  }),
  "GET /projects/:id/repository/branches/:branch": inProject(async ({ world, params }, project) => {
    const name = params["branch"] ?? ""
    const sha = (await branchesOf(repoOf(world, project))).get(name)
    if (sha === undefined) throw notFound("Branch")
    return ok(await branchView(world, project, name, sha))
  }),
  "POST /projects/:id/repository/branches": inProject(async (call, project) => {
    const dir = repoOf(call.world, project)
    const [name, ref] = [mustText(call, "branch"), mustText(call, "ref")]
    const sha = await resolve(dir, ref)
    if (sha === null) throw badRequest(`Invalid reference name: ${ref}`)
    if ((await branchesOf(dir)).has(name)) throw badRequest("Branch already exists")
    await gitLine(dir, ["update-ref", `refs/heads/${name}`, sha, zeroSha])
    await afterPush(call.world, project, [{ branch: name, before: zeroSha, after: sha }])
    return created(await branchView(call.world, project, name, sha))
  }, 30),
  "DELETE /projects/:id/repository/branches/:branch": inProject(async ({ world, params }, project) => {
    const dir = repoOf(world, project)
    const name = params["branch"] ?? ""
    const sha = (await branchesOf(dir)).get(name)
    if (sha === undefined) throw notFound("Branch")
    if (name === project.defaultBranch) throw badRequest("Cannot remove HEAD branch")
    await gitLine(dir, ["update-ref", "-d", `refs/heads/${name}`, sha])
    await afterPush(world, project, [{ branch: name, before: sha, after: zeroSha }])
    return noContent()
  }, 30),
}
