import { ChecksFileError } from "../../../ports/forge/local/checks-file-error.ts"
import { parseChecksFile } from "../../../ports/forge/local/parse.ts"
import { type PlannedJob, planPipeline } from "../../../ports/forge/local/plan.ts"
import { type Surroundings, usual } from "../../../ports/forge/local/variables.ts"
import { gitText, repoOf } from "../git/git.ts"
import type { Pipeline, Project, World } from "../world.ts"
import { surroundingsOf } from "./surroundings.ts"

/** What a commit's `.gitlab-ci.yml` plans; a text says what is wrong with it, null that there is none. */
export async function readConfig(
  world: World,
  project: Project,
  pipeline: Pick<Pipeline, "sha" | "buildId" | "ref" | "source" | "variables">,
): Promise<PlannedJob[] | string | null> {
  const file = await gitText(repoOf(world, project), ["cat-file", "blob", `${pipeline.sha}:.gitlab-ci.yml`])
  return file === null ? null : planOf(file, project, pipeline, surroundingsOf(world, project, pipeline))
}

/** The jobs of a file's text, or what is wrong with it. */
export function planOf(
  file: string,
  project: Project,
  { sha, buildId }: Pick<Pipeline, "sha" | "buildId">,
  around: Surroundings = usual,
): PlannedJob[] | string {
  try {
    const input = {
      projectId: project.key,
      buildId,
      sha,
      projectName: project.path,
      keep: [],
      play: [],
      attempt: "first" as const,
      mergeRequest: null,
    }
    return planPipeline(parseChecksFile(file), input, around)
  } catch (error) {
    if (error instanceof ChecksFileError) return error.message
    throw error
  }
}
