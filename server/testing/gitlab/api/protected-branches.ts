import { writeProtections } from "../git/create-repo.ts"
import { created, noContent, notFound, ok, Refusal } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { flagOf, mustText, numberOf } from "../http/values.ts"
import type { Project, Protection } from "../world.ts"
import { inProject } from "./find.ts"

const words: Record<number, string> = { 0: "No one", 30: "Developers + Maintainers", 40: "Maintainers", 60: "Admins" }
const level = (access_level: number) => [
  { id: 1, access_level, access_level_description: words[access_level] ?? "Maintainers" },
]

const view = (protection: Protection) => ({
  id: 1,
  name: protection.name,
  push_access_levels: level(protection.pushLevel),
  merge_access_levels: level(protection.mergeLevel),
  allow_force_push: protection.allowForcePush,
})

function find(call: Call, project: Project): Protection {
  const protection = project.protections.find(({ name }) => name === call.params["name"])
  if (protection === undefined) throw notFound("protected_branch")
  return protection
}

/** Protected branches; the repository is told at once. */
export const protectedBranchRoutes: Routes = {
  "GET /projects/:id/protected_branches": inProject((call, project) => page(call, project.protections, view)),
  "GET /projects/:id/protected_branches/:name": inProject((call, project) => ok(view(find(call, project)))),
  "POST /projects/:id/protected_branches": inProject(async (call, project) => {
    const name = mustText(call, "name")
    if (project.protections.some((known) => known.name === name)) {
      throw new Refusal(409, { message: `Protected branch '${name}' already exists` })
    }
    const protection = {
      name,
      pushLevel: numberOf(call, "push_access_level") ?? 40,
      mergeLevel: numberOf(call, "merge_access_level") ?? 40,
      allowForcePush: flagOf(call, "allow_force_push") ?? false,
    }
    project.protections.push(protection)
    await writeProtections(call.world, project)
    return created(view(protection))
  }, 40),
  "PATCH /projects/:id/protected_branches/:name": inProject(async (call, project) => {
    const protection = find(call, project)
    protection.allowForcePush = flagOf(call, "allow_force_push") ?? protection.allowForcePush
    await writeProtections(call.world, project)
    return ok(view(protection))
  }, 40),
  "DELETE /projects/:id/protected_branches/:name": inProject(async (call, project) => {
    project.protections.splice(project.protections.indexOf(find(call, project)), 1)
    await writeProtections(call.world, project)
    return noContent()
  }, 40),
}
