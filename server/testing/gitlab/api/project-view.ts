import { imagePrefixOf } from "../ci/surroundings.ts"
import { branchesOf, repoOf } from "../git/git.ts"
import { webUrlOf } from "../hooks/project-view.ts"
import { fullPathOf, type Project, type World } from "../world.ts"
import { namespaceView } from "./groups.ts"

/** Keys of a project that are kept as they were sent. */
const keptSettings = [
  "issues_enabled", "merge_requests_enabled", "wiki_enabled", "jobs_enabled", "snippets_enabled", "build_timeout",
  "packages_enabled", "container_registry_enabled", "shared_runners_enabled", "group_runners_enabled", "merge_method",
  "lfs_enabled", "remove_source_branch_after_merge", "only_allow_merge_if_pipeline_succeeds", "ci_config_path",
  "ci_default_git_depth", "keep_latest_artifact", "public_jobs", "squash_option",
] // prettier-ignore

const defaults = {
  issues_enabled: true,
  merge_requests_enabled: true,
  wiki_enabled: true,
  jobs_enabled: true,
  snippets_enabled: true,
  packages_enabled: true,
  container_registry_enabled: true,
  shared_runners_enabled: true,
  group_runners_enabled: true,
  lfs_enabled: true,
  build_timeout: 3600,
  merge_method: "merge",
  squash_option: "default_off",
  remove_source_branch_after_merge: true,
  only_allow_merge_if_pipeline_succeeds: false,
  keep_latest_artifact: true,
  ci_default_git_depth: 20,
  ci_config_path: null,
  public_jobs: true,
}

/** A project as its own endpoint answers it. */
export async function projectView(world: World, project: Project): Promise<Record<string, unknown>> {
  const web = webUrlOf(world, project)
  const branches = await branchesOf(repoOf(world, project))
  const sent = Object.fromEntries(Object.entries(project.settings).filter(([key]) => keptSettings.includes(key)))
  const marked = project.markedForDeletion?.toISOString().slice(0, 10) ?? null
  return {
    ...simpleView(world, project),
    default_branch: branches.size === 0 ? (project.defaultBranch ?? null) : project.defaultBranch,
    visibility: project.visibility,
    empty_repo: branches.size === 0,
    archived: project.markedForDeletion !== null,
    marked_for_deletion_at: marked,
    marked_for_deletion_on: marked,
    _links: { self: `${world.url}/api/v4/projects/${project.id}`, repo_branches: `${web}/-/branches` },
    repository_object_format: "sha1",
    ...defaults,
    ...sent,
    ...(world.settings.registry === null
      ? {}
      : {
          container_registry_enabled: imagePrefixOf(world, project) !== null,
          container_registry_image_prefix: imagePrefixOf(world, project),
        }),
    auto_devops_enabled: project.autoDevOps,
    auto_devops_deploy_strategy: "continuous",
    creator_id: 5,
    import_status: "none",
    import_url: null,
    import_type: null,
    import_error: null,
    open_issues_count: 0,
    description_html: "",
    updated_at: project.updatedAt.toISOString(),
    shared_with_groups: [],
  }
}

/** A project with `simple=true`. */
export const simpleView = (world: World, project: Project) => ({
  id: project.id,
  description: project.description,
  name: project.name,
  name_with_namespace: `${project.group.name} / ${project.name}`,
  path: project.path,
  path_with_namespace: fullPathOf(project),
  created_at: project.createdAt.toISOString(),
  default_branch: project.defaultBranch,
  tag_list: [],
  topics: [],
  ssh_url_to_repo: `git@${new URL(world.url).hostname}:${fullPathOf(project)}.git`,
  http_url_to_repo: `${webUrlOf(world, project)}.git`,
  web_url: webUrlOf(world, project),
  readme_url: null,
  forks_count: 0,
  avatar_url: null,
  star_count: 0,
  last_activity_at: project.updatedAt.toISOString(),
  namespace: namespaceView(world, project.group),
})
