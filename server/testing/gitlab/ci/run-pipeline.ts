import type { PipelineEvent } from "../../../ports/forge/port.ts"
import { finishedStatuses } from "../../../../shared/build.ts"
import type { Job, Pipeline, Project } from "../world.ts"
import type { PipelineEngine } from "./pipeline-engine.ts"
import { closeTrace, openTrace, writeTrace } from "./trace.ts"

const keptStatuses = ["success", "failed", "canceled"]

/** Lets the runner do what is to be done of a pipeline, and tells the pipeline what became of it. */
export async function runPipeline(
  engine: PipelineEngine,
  project: Project,
  pipeline: Pipeline,
  play: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const forge = await engine.runner.forge()
  const current = pipeline.jobs.filter((job) => !job.retried)
  const keep = current.flatMap(({ runnerJobId, name, status, allowFailure }) =>
    runnerJobId !== null && keptStatuses.includes(status) ? [{ id: runnerJobId, name, status, allowFailure }] : [],
  )
  const input = { projectId: project.key, buildId: pipeline.buildId, sha: pipeline.sha, projectName: project.path, keep, play, attempt: keep.length + play.length > 0 ? "again" as const : "first" as const, mergeRequest: null } // prettier-ignore
  const byRunner = new Map<string, Job>()
  for await (const event of forge.run(input, signal)) take(event)

  function take(event: PipelineEvent): void {
    if (event.type === "planned") {
      for (const { id, name } of event.jobs) {
        const job = current.find((job) => job.name === name)
        if (job === undefined) continue
        job.runnerJobId = id
        byRunner.set(id, job)
      }
    }
    if (event.type === "log") {
      const job = byRunner.get(event.jobId)
      if (job !== undefined) writeTrace(job, event.text)
    }
    if (event.type === "job") {
      const job = byRunner.get(event.jobId)
      if (job === undefined) return
      job.allowFailure = event.allowFailure
      if (event.status === "running") {
        if (job.status === "created") engine.set(pipeline, job, "pending")
        openTrace(job)
      }
      if (finishedStatuses.includes(event.status)) closeTrace(job)
      engine.set(pipeline, job, event.status)
    }
  }
}
