import { zipSync } from "fflate"
import type { ArtifactFile } from "../../../ports/forge/port.ts"
import type { Job, Pipeline, Project, World } from "../world.ts"

/** What the runner kept of a job. */
export async function artifactFiles(
  world: World,
  project: Project,
  pipeline: Pipeline,
  job: Job,
): Promise<ArtifactFile[]> {
  if (job.runnerJobId === null || job.erasedAt !== null) return []
  const forge = await world.engine.runner.forge()
  const place = { projectId: project.key, buildId: pipeline.buildId, pipeline: null, jobIds: [job.runnerJobId] }
  return (await forge.artifacts(place)).filter(({ jobId }) => jobId === job.runnerJobId)
}

/** The archive of a job's artifacts; null when there are none. */
export async function artifactZip(
  world: World,
  project: Project,
  pipeline: Pipeline,
  job: Job,
): Promise<Uint8Array | null> {
  if (job.artifacts !== null) return job.artifacts
  const files = await artifactFiles(world, project, pipeline, job)
  if (files.length === 0) return null
  const forge = await world.engine.runner.forge()
  const entries = await Promise.all(
    files.map(async ({ jobId, path }): Promise<[string, Uint8Array]> => {
      const blob = await forge.openArtifact(
        { projectId: project.key, buildId: pipeline.buildId, pipeline: null, jobIds: [] },
        jobId,
        path,
      )
      return [path, blob === null ? new Uint8Array() : await blob.bytes()]
    }),
  )
  return zipSync(Object.fromEntries(entries))
}
