import type { Variables } from "../../../ports/forge/local/checks-file.ts"
import type { Surroundings } from "../../../ports/forge/local/variables.ts"
import { fullPathOf, type Pipeline, type Project, type World } from "../world.ts"

/** What jobs of a pipeline know beside their file: its branch, the registry, and variables that people set. */
export function surroundingsOf(
  world: World,
  project: Project,
  pipeline: Pick<Pipeline, "ref" | "source" | "variables">,
): Surroundings {
  const { registry } = world.settings
  const image = imagePrefixOf(world, project)
  const isProtected = project.protections.some(({ name }) => name === pipeline.ref)
  const ofProject = project.variables.filter((one) => isProtected || !one.protected)
  const variables: Variables = new Map([
    ...ofProject.map(({ key, value, raw }) => [key, { value, expand: !raw }] as const),
    ...pipeline.variables.map(({ key, value }) => [key, { value, expand: true }] as const),
  ])
  return {
    branch: pipeline.ref,
    defaultBranch: project.defaultBranch,
    source: pipeline.source,
    predefined: {
      CI_PROJECT_PATH: fullPathOf(project),
      ...(registry === null || image === null
        ? {}
        : {
            CI_REGISTRY: registry.host,
            CI_REGISTRY_IMAGE: image,
            CI_REGISTRY_USER: registry.user,
            CI_REGISTRY_PASSWORD: registry.password,
          }),
    },
    variables,
  }
}

/** Where images of a project go to; null where there is no registry, or not for this project. */
export const imagePrefixOf = (world: World, project: Project): string | null =>
  world.settings.registry === null || project.settings["container_registry_enabled"] === false
    ? null
    : `${world.settings.registry.host}/${fullPathOf(project).toLowerCase()}`
