import { createRepo, pointHead } from "../git/create-repo.ts"
import { branchesOf, repoOf } from "../git/git.ts"
import { badParameter, badRequest, created, forbidden, notFound, ok } from "../http/answer.ts"
import { keysetPage, page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { flagOf, listOf, numberOf, textOf } from "../http/values.ts"
import { fullPathOf, type Project, type World } from "../world.ts"
import { commitFiles } from "./commit-files.ts"
import { findGroup, inProject } from "./find.ts"
import { checkPath } from "./project-names.ts"
import { projectView, simpleView } from "./project-view.ts"

/** Makes a project and its repository; also for tests that want one at once. */
export async function makeProject(
  world: World,
  input: Pick<Project, "name" | "path" | "group"> & Partial<Project>,
): Promise<Project> {
  const project: Project = {
    id: world.nextId(),
    key: Bun.randomUUIDv7(),
    description: null,
    visibility: "private",
    createdAt: new Date(),
    updatedAt: new Date(),
    defaultBranch: world.settings.defaultBranch,
    autoDevOps: world.settings.autoDevOps,
    markedForDeletion: null,
    pipelines: world.settings.pipelines,
    protections: [],
    variables: [],
    mergeRequests: [],
    settings: {},
    ...input,
  }
  world.projects.set(project.id, project)
  await createRepo(world, project)
  return project
}

async function create(call: Call) {
  const { world, body } = call
  const [name, path] = [textOf(call, "name") ?? textOf(call, "path"), textOf(call, "path") ?? textOf(call, "name")]
  if (name === null || path === null)
    throw badParameter("name, path are missing, at least one parameter must be provided")
  const group = numberOf(call, "namespace_id") === null ? world.groups[0] : findGroup(world, textOf(call, "namespace_id") ?? "") // prettier-ignore
  if (group === null || group === undefined) throw badRequest({ namespace: ["is not valid"] })
  if (world.settings.accessLevel < 30) throw forbidden()
  checkPath(world, group, name, path)
  const readme = flagOf(call, "initialize_with_readme") === true
  const project = await makeProject(world, {
    name,
    path,
    group,
    description: textOf(call, "description"),
    visibility: textOf(call, "visibility") ?? "private",
    autoDevOps: flagOf(call, "auto_devops_enabled") ?? world.settings.autoDevOps,
    ...(readme && textOf(call, "default_branch") !== null ? { defaultBranch: textOf(call, "default_branch") ?? "main" } : {}), // prettier-ignore
    settings: body,
  })
  if (readme) {
    const actions = [{ action: "create", file_path: "README.md", content: `# ${name}\n` }]
    await commitFiles(world, project, { branch: project.defaultBranch, message: "Initial commit", actions })
  }
  return created(await projectView(world, project))
}

async function change(call: Call, project: Project) {
  const { world } = call
  const [name, path] = [textOf(call, "name") ?? project.name, textOf(call, "path") ?? project.path]
  if (name !== project.name || path !== project.path) checkPath(world, project.group, name, path, project)
  const branch = textOf(call, "default_branch")
  if (branch !== null && !(await branchesOf(repoOf(world, project))).has(branch)) {
    throw badRequest({ base: ["Could not change HEAD: branch '" + branch + "' does not exist"] })
  }
  Object.assign(project, {
    name,
    path,
    description: textOf(call, "description") ?? project.description,
    visibility: textOf(call, "visibility") ?? project.visibility,
    autoDevOps: flagOf(call, "auto_devops_enabled") ?? project.autoDevOps,
    defaultBranch: branch ?? project.defaultBranch,
    updatedAt: new Date(),
    settings: { ...project.settings, ...call.body },
  })
  if (branch !== null) await pointHead(world, project)
  return ok(await projectView(world, project))
}

function listed(call: Call): Project[] {
  const search = (textOf(call, "search") ?? "").toLowerCase()
  const [after, before] = [numberOf(call, "id_after") ?? 0, numberOf(call, "id_before") ?? Infinity]
  const archived = flagOf(call, "archived")
  return [...call.world.projects.values()]
    .filter((project) => project.id > after && project.id < before)
    .filter((project) => `${project.name} ${fullPathOf(project)}`.toLowerCase().includes(search))
    .filter((project) => archived === null || (project.markedForDeletion !== null) === archived)
    .sort((a, b) => (textOf(call, "sort") === "asc" ? a.id - b.id : b.id - a.id))
}

/** Projects: made, listed, changed. */
export const projectRoutes: Routes = {
  "POST /projects": create,
  "GET /projects": async (call) => {
    const rows = await Promise.all(
      listed(call).map(async (project) => ({
        id: project.id,
        view:
          flagOf(call, "simple") === true ? simpleView(call.world, project) : await projectView(call.world, project),
      })),
    )
    if (listOf(call, "pagination")[0] === "keyset") return keysetPage(call, rows, ({ view }) => view)
    if ((numberOf(call, "page") ?? 1) * (numberOf(call, "per_page") ?? 20) > 50_000) {
      throw badParameter("Offset pagination has a maximum allowed offset of 50000 for requests that return objects of type Project. Remaining records can be retrieved using keyset pagination.") // prettier-ignore
    }
    return page(call, rows, ({ view }) => view)
  },
  "GET /projects/:id": inProject(async ({ world }, project) => {
    const access = { access_level: world.settings.accessLevel, notification_level: 3 }
    return ok({ ...(await projectView(world, project)), permissions: { project_access: null, group_access: access } })
  }),
  "PUT /projects/:id": inProject(change, 40),
  "GET /groups/:id/projects": async (call) => {
    const group = findGroup(call.world, call.params["id"] ?? "")
    if (group === null) throw notFound("Group")
    const rows = listed(call).filter((project) => project.group === group)
    return page(call, await Promise.all(rows.map((project) => projectView(call.world, project))), (view) => view)
  },
}
