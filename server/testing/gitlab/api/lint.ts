import { newId } from "../../../lib/ids.ts"
import { planOf } from "../ci/read-config.ts"
import { gitText, repoOf, resolve } from "../git/git.ts"
import { ok } from "../http/answer.ts"
import type { Routes } from "../http/router.ts"
import { mustText, textOf } from "../http/values.ts"
import { type Project, zeroSha } from "../world.ts"
import { inProject } from "./find.ts"

function lint(content: string, project: Project) {
  const plan = planOf(content, project, { sha: zeroSha, buildId: newId() })
  const errors = typeof plan === "string" ? [plan] : []
  return ok({ valid: errors.length === 0, errors, warnings: [], merged_yaml: content, includes: [] })
}

/** Whether a file of checks is valid; 200 also when it is not. */
export const lintRoutes: Routes = {
  "POST /projects/:id/ci/lint": inProject((call, project) => lint(mustText(call, "content"), project)),
  "GET /projects/:id/ci/lint": inProject(async (call, project) => {
    const dir = repoOf(call.world, project)
    const sha = await resolve(dir, textOf(call, "content_ref") ?? textOf(call, "sha") ?? project.defaultBranch)
    const file = sha === null ? null : await gitText(dir, ["cat-file", "blob", `${sha}:.gitlab-ci.yml`])
    if (file !== null) return lint(file, project)
    return ok({ valid: false, errors: ["Please provide content of .gitlab-ci.yml"], warnings: [], merged_yaml: null, includes: [] }) // prettier-ignore
  }),
}
