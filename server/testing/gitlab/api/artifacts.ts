import { unzipSync } from "fflate"
import { type Answer, noContent, notFound, Refusal, text } from "../http/answer.ts"
import type { Call, Routes } from "../http/router.ts"
import { mustText } from "../http/values.ts"
import { type Job, type Pipeline, pipelinesOf, type Project } from "../world.ts"
import { artifactZip } from "./artifact-zip.ts"
import { findJob, inProject } from "./find.ts"

async function archive(call: Call, project: Project, pipeline: Pipeline, job: Job): Promise<Answer> {
  const { world } = call
  const zip = await artifactZip(world, project, pipeline, job)
  if (zip === null) throw new Refusal(404, { message: "404 Not Found" })
  if (world.settings.artifactRedirect) {
    return { status: 302, headers: { location: `${world.storageUrl}/artifacts/${project.id}/${job.id}?signed=1` } }
  }
  const answer = text(zip, "application/octet-stream")
  return { ...answer, headers: { ...answer.headers, "content-disposition": 'attachment; filename="artifacts.zip"' } }
}

async function fileIn(call: Call, project: Project, pipeline: Pipeline, job: Job): Promise<Answer> {
  const zip = await artifactZip(call.world, project, pipeline, job)
  const bytes = zip === null ? undefined : unzipSync(zip)[call.params["artifact_path"] ?? ""]
  if (bytes === undefined) throw notFound("File")
  return text(bytes, "application/octet-stream")
}

/** The newest green job of that name on a branch. */
function latest(call: Call, project: Project): { pipeline: Pipeline; job: Job } {
  const name = mustText(call, "job")
  for (const pipeline of pipelinesOf(call.world, project.id)) {
    if (pipeline.ref !== call.params["ref_name"] || pipeline.status !== "success") continue
    const job = pipeline.jobs.find((job) => job.name === name && !job.retried && job.status === "success")
    if (job !== undefined) return { pipeline, job }
  }
  throw notFound("Job")
}

/** Artifacts: the archive of a job, one file of it, those of a branch's newest. */
export const artifactRoutes: Routes = {
  "GET /projects/:id/jobs/artifacts/:ref_name/download": inProject((call, project) => {
    const { pipeline, job } = latest(call, project)
    return archive(call, project, pipeline, job)
  }),
  "GET /projects/:id/jobs/artifacts/:ref_name/raw/*artifact_path": inProject((call, project) => {
    const { pipeline, job } = latest(call, project)
    return fileIn(call, project, pipeline, job)
  }),
  "GET /projects/:id/jobs/:job_id/artifacts": inProject((call, project) => {
    const { pipeline, job } = findJob(call, project)
    return archive(call, project, pipeline, job)
  }),
  "GET /projects/:id/jobs/:job_id/artifacts/*artifact_path": inProject((call, project) => {
    const { pipeline, job } = findJob(call, project)
    return fileIn(call, project, pipeline, job)
  }),
  "DELETE /projects/:id/jobs/:job_id/artifacts": inProject((call, project) => {
    const { job } = findJob(call, project)
    Object.assign(job, { artifacts: null, erasedAt: new Date() })
    return noContent()
  }, 40),
}
