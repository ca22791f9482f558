import { z } from "zod"
import { boundedText } from "./bounded-text.ts"
import type { GitLabClient } from "./client.ts"
import { errorOfConnection, unexpected } from "./errors.ts"
import type { RemoteJob, RemotePipeline } from "./pipelines.ts"

const fileName = ".gitlab-ci.yml"

const reasons: Record<string, string> = {
  stuck_or_timeout_failure: "no runner of GitLab took it in time, or it said nothing for too long",
  job_execution_timeout: "it took longer than it may",
  runner_system_failure: "the runner of GitLab had a fault",
  runner_unsupported: "the runner of GitLab is too old for it",
  api_failure: "GitLab and its runner did not understand each other",
  missing_dependency_failure: "the files of a check before it are gone",
  scheduler_failure: "GitLab could not begin it",
  data_integrity_failure: "GitLab lost data of it",
  unmet_prerequisites: "something that it needs was not there",
  archived_failure: "it is too old to run",
  ci_quota_exceeded: "the minutes of GitLab's runners are used up",
  no_matching_runner: "no runner of GitLab fits it",
  image_pull_failure: "its image could not be fetched",
  user_blocked: "the account that it runs for is blocked in GitLab",
}

/** What a check that failed says when its log says nothing. */
export function jobWords(job: RemoteJob): string {
  const reason = reasons[job.failure_reason ?? ""]
  return reason === undefined ? `The check “${job.name}” did not succeed` : `The check “${job.name}” failed: ${reason}`
}

/** Is the fault outside of the check's own commands, so that its log tells less than the reason? */
export const isOutside = (job: RemoteJob): boolean => Object.hasOwn(reasons, job.failure_reason ?? "")

export const waitsForRunner =
  "No runner of GitLab has taken this check yet. It begins once one is free; who runs GitLab sees in the project's settings under CI/CD, Runners, whether there is one."

/** What a pipeline says of which no job tells more. */
export function failedWords({ yaml_errors: errors }: RemotePipeline, jobs: readonly RemoteJob[]): string {
  if (jobs.length > 0) return "A check in GitLab did not succeed"
  const [first] = (errors ?? "").trim().split("\n")
  if (first !== undefined && first !== "") return `The checks file (${fileName}) is not valid: ${first.slice(0, 300)}`
  return `GitLab made no checks of the checks file (${fileName})`
}

const projectShape = z.object({
  builds_access_level: z.string().nullish(),
  jobs_enabled: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  marked_for_deletion_on: z.string().nullish(),
})
const lintShape = z.object({ valid: z.boolean(), errors: z.array(z.string()).nullish() })

/** Why GitLab made no pipeline of a push. */
export async function noPipelineWords(
  client: GitLabClient,
  remoteId: number,
  sha: string,
  signal: AbortSignal,
  mostMs = 20_000,
): Promise<string> {
  const project = await client.ask(projectShape, (api) => api.Projects.show(remoteId), signal)
  if (project.marked_for_deletion_on != null || project.archived === true) {
    return "GitLab runs no checks: the project is archived there, or on its way to being removed"
  }
  if (project.builds_access_level === "disabled" || project.jobs_enabled === false) {
    return "Checks are switched off for this project in GitLab: switch CI/CD on in its settings there"
  }
  const both = AbortSignal.any([signal, AbortSignal.timeout(mostMs)])
  const ask = async () => answerOf(client.open(`projects/${remoteId}/ci/lint?content_ref=${sha}`, both))
  const { valid, errors } = await client.ask(lintShape, ask, signal)
  const [first] = errors ?? []
  if (valid || first === undefined) return `No check of the checks file (${fileName}) applies to this version`
  if (/provide content|missing ci config|not found/i.test(first)) return `This version has no checks file (${fileName})`
  return `The checks file (${fileName}) is not valid: ${first.slice(0, 300)}`
}

async function answerOf(opened: Promise<Response>): Promise<unknown> {
  const text = await opened.then(boundedText).catch((error: unknown) => {
    throw errorOfConnection(error, "GET", "")
  })
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw unexpected("What it calls JSON is none.")
  }
}
