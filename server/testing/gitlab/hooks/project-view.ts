import { fullPathOf, type Project, type World } from "../world.ts"

const levels: Record<string, number> = { private: 0, internal: 10, public: 20 }

export const webUrlOf = (world: World, project: Project): string => `${world.url}/${fullPathOf(project)}`
const sshUrlOf = (world: World, project: Project): string =>
  `git@${new URL(world.url).hostname}:${fullPathOf(project)}.git`

/** The project as bodies of hooks show it. */
export const hookProject = (world: World, project: Project) => ({
  id: project.id,
  name: project.name,
  description: project.description ?? "",
  web_url: webUrlOf(world, project),
  avatar_url: null,
  git_ssh_url: sshUrlOf(world, project),
  git_http_url: `${webUrlOf(world, project)}.git`,
  namespace: project.group.name,
  visibility_level: levels[project.visibility] ?? 0,
  path_with_namespace: fullPathOf(project),
  default_branch: project.defaultBranch,
  ci_config_path: null,
})

export const hookRepository = (world: World, project: Project) => ({
  name: project.name,
  url: sshUrlOf(world, project),
  description: project.description ?? "",
  homepage: webUrlOf(world, project),
  git_http_url: `${webUrlOf(world, project)}.git`,
  git_ssh_url: sshUrlOf(world, project),
  visibility_level: levels[project.visibility] ?? 0,
})

export const hookRunner = {
  id: 380987,
  description: "double",
  active: true,
  runner_type: "instance_type",
  is_shared: true,
  tags: ["linux", "docker"],
}

/** `2016-08-12 15:23:28 UTC`, as hooks of pipelines and jobs write times. */
export const hookTime = (at: Date | null): string | null =>
  at === null ? null : `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`
