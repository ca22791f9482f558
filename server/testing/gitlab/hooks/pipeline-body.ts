import { readCommit } from "../git/commits.ts"
import { repoOf } from "../git/git.ts"
import { bot, type Job, type Pipeline, type Project, type World, zeroSha } from "../world.ts"
import { durationOf, queuedOf } from "../ci/times.ts"
import { hookProject, hookRunner, hookTime, webUrlOf } from "./project-view.ts"

const user = { id: bot.id, name: bot.name, username: bot.username, avatar_url: null, email: "[REDACTED]" }

/** The body of a pipeline hook: the newest attempt of each job. */
export async function pipelineBody(
  world: World,
  project: Project,
  pipeline: Pipeline,
): Promise<Record<string, unknown>> {
  const commit = await readCommit(repoOf(world, project), pipeline.sha)
  const web = webUrlOf(world, project)
  return {
    object_kind: "pipeline",
    object_attributes: {
      id: pipeline.id,
      iid: pipeline.iid,
      name: null,
      ref: pipeline.ref,
      tag: false,
      sha: pipeline.sha,
      before_sha: pipeline.beforeSha,
      source: pipeline.source,
      status: pipeline.status,
      detailed_status: labelOf(pipeline),
      stages: pipeline.stages,
      created_at: hookTime(pipeline.createdAt),
      finished_at: hookTime(pipeline.finishedAt),
      duration: durationOf(pipeline),
      queued_duration: queuedOf(pipeline),
      protected_ref: project.protections.some(({ name }) => name === pipeline.ref),
      variables: pipeline.variables,
      url: `${web}/-/pipelines/${pipeline.id}`,
    },
    merge_request: null,
    user,
    project: hookProject(world, project),
    commit:
      commit === null
        ? null
        : {
            id: commit.id,
            message: commit.message,
            title: commit.title,
            timestamp: commit.committed_date,
            url: `${web}/-/commit/${commit.id}`,
            author: { name: commit.author_name, email: "[REDACTED]" },
          },
    builds: pipeline.jobs.filter((job) => !job.retried).toReversed().map(buildView), // prettier-ignore
  }
}

const buildView = (job: Job) => ({
  id: job.id,
  stage: job.stage,
  name: job.name,
  status: job.status,
  created_at: hookTime(job.createdAt),
  started_at: hookTime(job.startedAt),
  finished_at: hookTime(job.finishedAt),
  duration: durationOf(job),
  queued_duration: queuedOf(job),
  failure_reason: job.failureReason,
  when: job.manual ? "manual" : "on_success",
  manual: job.manual,
  allow_failure: job.allowFailure,
  user,
  runner: job.startedAt === null ? null : hookRunner,
  artifacts_file: { filename: null, size: null },
  environment: null,
})

/** The body of a job hook; its `commit.id` is the pipeline's. */
export async function jobBody(
  world: World,
  project: Project,
  pipeline: Pipeline,
  job: Job,
): Promise<Record<string, unknown>> {
  const commit = await readCommit(repoOf(world, project), pipeline.sha)
  return {
    object_kind: "build",
    ref: pipeline.ref,
    tag: false,
    before_sha: pipeline.beforeSha === "" ? zeroSha : pipeline.beforeSha,
    sha: pipeline.sha,
    build_id: job.id,
    build_name: job.name,
    build_stage: job.stage,
    build_status: job.status,
    build_created_at: hookTime(job.createdAt),
    build_started_at: hookTime(job.startedAt),
    build_finished_at: hookTime(job.finishedAt),
    build_created_at_iso: job.createdAt.toISOString(),
    build_started_at_iso: job.startedAt?.toISOString() ?? null,
    build_finished_at_iso: job.finishedAt?.toISOString() ?? null,
    build_duration: durationOf(job),
    build_queued_duration: queuedOf(job),
    build_allow_failure: job.allowFailure,
    build_failure_reason: job.failureReason ?? "unknown_failure",
    retries_count: pipeline.jobs.filter((other) => other.retried && other.name === job.name).length,
    pipeline_id: pipeline.id,
    project_id: project.id,
    project_name: `${project.group.name} / ${project.name}`,
    user: { id: user.id, name: user.name, username: user.username, email: user.email, avatar_url: null },
    commit: {
      id: pipeline.id,
      name: null,
      sha: pipeline.sha,
      message: commit?.message ?? "",
      author_name: commit?.author_name ?? "",
      author_email: "[REDACTED]",
      author_url: "",
      status: pipeline.status,
      duration: durationOf(pipeline),
      started_at: hookTime(pipeline.startedAt),
      finished_at: hookTime(pipeline.finishedAt),
      started_at_iso: pipeline.startedAt?.toISOString() ?? null,
      finished_at_iso: pipeline.finishedAt?.toISOString() ?? null,
    },
    repository: (({ name, web_url, git_ssh_url, git_http_url, description, visibility_level }) => ({
      name,
      url: git_ssh_url,
      description,
      homepage: web_url,
      git_ssh_url,
      git_http_url,
      visibility_level,
    }))(hookProject(world, project)),
    project: hookProject(world, project),
    runner: job.startedAt === null ? null : hookRunner,
    environment: null,
  }
}

/** A label for people: nothing may depend on it. */
function labelOf(pipeline: Pipeline): string {
  const warned = pipeline.jobs.some((job) => !job.retried && job.status === "failed" && job.allowFailure)
  if (pipeline.status === "success") return warned ? "passed with warnings" : "passed"
  return pipeline.status === "manual" ? "blocked" : pipeline.status
}
