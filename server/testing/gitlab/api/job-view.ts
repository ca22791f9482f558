import { queuedOf } from "../ci/times.ts"
import { readCommit } from "../git/commits.ts"
import { repoOf } from "../git/git.ts"
import { webUrlOf } from "../hooks/project-view.ts"
import type { Job, Pipeline, Project, World } from "../world.ts"
import { artifactFiles } from "./artifact-zip.ts"
import { commitView } from "./commits.ts"
import { userView } from "./people.ts"
import { basicPipelineView } from "./pipeline-view.ts"

const runner = {
  id: 380987,
  description: "double",
  ip_address: "127.0.0.1",
  active: true,
  paused: false,
  is_shared: true,
  runner_type: "instance_type",
  name: "gitlab-runner",
  online: true,
  status: "online",
}

/** A job as its own endpoint and lists answer it. */
export async function jobView(world: World, project: Project, pipeline: Pipeline, job: Job) {
  const files = await artifactFiles(world, project, pipeline, job)
  const size = job.artifacts?.length ?? files.reduce((all, file) => all + file.size, 0)
  const kept = job.artifacts !== null || files.length > 0
  const traced = job.trace.length > 0
  return {
    ...(await basicJobView(world, project, pipeline, job)),
    ...(kept ? { artifacts_file: { filename: "artifacts.zip", size } } : {}),
    artifacts: [
      ...(kept ? [{ file_type: "archive", size, filename: "artifacts.zip", file_format: "zip" }] : []),
      ...(traced
        ? [
            {
              file_type: "trace",
              size: job.trace.reduce((all, { length }) => all + length, 0),
              filename: "job.log",
              file_format: "raw",
            },
          ]
        : []),
    ],
    runner: job.startedAt === null ? null : runner,
    runner_manager: null,
    artifacts_expire_at: null,
    archived: false,
    tag_list: [],
  }
}

/** A job as `play` answers it. */
export async function basicJobView(world: World, project: Project, pipeline: Pipeline, job: Job) {
  const commit = await readCommit(repoOf(world, project), pipeline.sha)
  const { startedAt, finishedAt } = job
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: pipeline.ref,
    tag: false,
    coverage: null,
    allow_failure: job.allowFailure,
    created_at: job.createdAt.toISOString(),
    started_at: startedAt?.toISOString() ?? null,
    finished_at: finishedAt?.toISOString() ?? null,
    erased_at: job.erasedAt?.toISOString() ?? null,
    duration: startedAt === null ? null : ((finishedAt ?? new Date()).getTime() - startedAt.getTime()) / 1000,
    queued_duration: queuedOf(job),
    user: userView(world),
    commit: commit === null ? null : commitView(world, project, commit),
    pipeline: basicPipelineView(world, project, pipeline),
    ...(job.failureReason === null ? {} : { failure_reason: job.failureReason }),
    web_url: `${webUrlOf(world, project)}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: false },
  }
}
