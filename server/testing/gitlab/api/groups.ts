import { badRequest, created, notFound, ok } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Routes } from "../http/router.ts"
import { mustText, numberOf, textOf } from "../http/values.ts"
import type { Group, World } from "../world.ts"
import { findGroup } from "./find.ts"

const groupView = (world: World, group: Group) => ({
  id: group.id,
  web_url: `${world.url}/groups/${group.fullPath}`,
  name: group.name,
  path: group.path,
  description: "",
  visibility: "private",
  project_creation_level: "developer",
  auto_devops_enabled: null,
  subgroup_creation_level: "maintainer",
  avatar_url: null,
  request_access_enabled: true,
  full_name: group.name,
  full_path: group.fullPath,
  created_at: group.createdAt.toISOString(),
  parent_id: group.parentId,
  archived: false,
  default_branch: null,
  marked_for_deletion_on: null,
})

export const namespaceView = (world: World, group: Group) => ({
  id: group.id,
  name: group.name,
  path: group.path,
  kind: "group",
  full_path: group.fullPath,
  parent_id: group.parentId,
  avatar_url: null,
  web_url: `${world.url}/groups/${group.fullPath}`,
})

/** Groups and the namespaces they are. */
export const groupRoutes: Routes = {
  "GET /groups": (call) => {
    const search = (textOf(call, "search") ?? "").toLowerCase()
    const found = call.world.groups.filter((group) => group.fullPath.toLowerCase().includes(search))
    return page(call, found, (group) => groupView(call.world, group))
  },
  "POST /groups": (call) => {
    const { world } = call
    const parent = world.groups.find(({ id }) => id === numberOf(call, "parent_id")) ?? null
    const path = mustText(call, "path")
    const fullPath = parent === null ? path : `${parent.fullPath}/${path}`
    if (findGroup(world, fullPath) !== null)
      throw badRequest('Failed to save group {:path=>["has already been taken"]}')
    const group = { id: world.nextId(), name: mustText(call, "name"), path, fullPath, parentId: parent?.id ?? null, createdAt: new Date() } // prettier-ignore
    world.groups.push(group)
    return created(groupView(world, group))
  },
  "GET /groups/:id": ({ world, params }) => {
    const group = findGroup(world, params["id"] ?? "")
    if (group === null) throw notFound("Group")
    return ok(groupView(world, group))
  },
  "GET /namespaces": (call) => {
    const search = (textOf(call, "search") ?? "").toLowerCase()
    const found = call.world.groups.filter((group) => group.fullPath.toLowerCase().includes(search))
    return page(call, found, (group) => namespaceView(call.world, group))
  },
  "GET /namespaces/:id": ({ world, params }) => {
    const group = findGroup(world, params["id"] ?? "")
    if (group === null) throw notFound("Namespace")
    return ok(namespaceView(world, group))
  },
  "GET /namespaces/:id/exists": ({ world, params }) => {
    const exists = findGroup(world, params["id"] ?? "") !== null
    return ok({ exists, suggests: exists ? [`${params["id"]}1`] : [] })
  },
}
