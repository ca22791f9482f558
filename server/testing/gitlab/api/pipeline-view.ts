import { durationOf, queuedOf } from "../ci/times.ts"
import { webUrlOf } from "../hooks/project-view.ts"
import type { Pipeline, Project, World } from "../world.ts"
import { userView } from "./people.ts"

/** A pipeline in lists: no duration, no end, no errors. */
export const basicPipelineView = (world: World, project: Project, pipeline: Pipeline) => ({
  id: pipeline.id,
  iid: pipeline.iid,
  project_id: project.id,
  sha: pipeline.sha,
  ref: pipeline.ref,
  status: pipeline.status,
  source: pipeline.source,
  created_at: pipeline.createdAt.toISOString(),
  updated_at: pipeline.updatedAt.toISOString(),
  web_url: `${webUrlOf(world, project)}/-/pipelines/${pipeline.id}`,
})

/** A pipeline alone. */
export const pipelineView = (world: World, project: Project, pipeline: Pipeline) => ({
  ...basicPipelineView(world, project, pipeline),
  before_sha: pipeline.beforeSha,
  tag: false,
  yaml_errors: pipeline.yamlErrors,
  user: userView(world),
  started_at: pipeline.startedAt?.toISOString() ?? null,
  finished_at: pipeline.finishedAt?.toISOString() ?? null,
  committed_at: null,
  duration: durationOf(pipeline),
  queued_duration: queuedOf(pipeline),
  coverage: null,
  detailed_status: {
    icon: `status_${pipeline.status}`,
    text: pipeline.status,
    label: pipeline.status,
    group: pipeline.status,
    tooltip: pipeline.status,
    has_details: true,
    details_path: `/${project.path}/-/pipelines/${pipeline.id}`,
    illustration: null,
    favicon: "/assets/ci_favicons/favicon_status.png",
  },
})
