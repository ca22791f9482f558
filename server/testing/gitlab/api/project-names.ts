import { badRequest } from "../http/answer.ts"
import { fullPathOf, type Group, type Project, type World } from "../world.ts"

const reserved = new Set([
  "-", "badges", "blame", "blob", "builds", "commits", "create", "create_dir", "edit", "environments/folders", "files",
  "find_file", "gitlab-lfs/objects", "info/lfs/objects", "new", "preview", "raw", "refs", "tree", "update", "wikis",
]) // prettier-ignore

/** Refuses a path that GitLab would refuse, or one that is taken. */
export function checkPath(world: World, group: Group, name: string, path: string, self: Project | null = null): void {
  const wrong =
    !/^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i.test(path) ||
    /[._-]{2}/.test(path) ||
    /\.(git|atom)$/.test(path) ||
    path.length > 255
  if (wrong) {
    throw badRequest({
      path: [
        "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'",
        "must not start or end with a special character and must not contain consecutive special characters.",
      ],
    })
  }
  if (reserved.has(path.toLowerCase())) throw badRequest({ "project_namespace.path": [`${path} is a reserved name`], path: [`${path} is a reserved name`] }) // prettier-ignore
  const others = [...world.projects.values()].filter((other) => other !== self && other.group === group)
  const sameName = others.some((other) => other.name.toLowerCase() === name.toLowerCase())
  const samePath = others.some((other) => fullPathOf(other).toLowerCase() === `${group.fullPath}/${path}`.toLowerCase())
  const taken = ["has already been taken"]
  if (!sameName && !samePath) return
  throw badRequest({
    ...(sameName ? { "project_namespace.name": taken, name: taken } : {}),
    ...(samePath ? { path: taken } : {}),
  })
}
