import type { Artifact } from "../../../shared/build.ts"
import type { Ctx } from "../../context.ts"
import { authorizeBuild } from "./get.ts"
import { type BuildRow, jobsOf } from "./store.ts"

/** The files that the build's jobs left, with the addresses that download them. */
export async function listArtifacts(
  ctx: Ctx,
  input: { projectId: string; buildId: string },
): Promise<{ artifacts: Artifact[] }> {
  const build = await authorizeBuild(ctx, input)
  const jobs = await jobsOf(ctx.db, [build.id])
  const files = await ctx.forge.artifacts(placeOf(build, jobs))
  // In the order of the jobs; those of an earlier attempt are not shown.
  const artifacts = jobs.flatMap((job) =>
    files
      .filter((file) => file.jobId === job.id)
      .map((file) => ({ ...file, url: artifactUrl(build.projectId, build.id, file) })),
  )
  return { artifacts }
}

const placeOf = ({ projectId, id, pipeline }: BuildRow, jobs: readonly { id: string }[]) => ({
  projectId,
  buildId: id,
  pipeline,
  jobIds: jobs.map((job) => job.id),
})

const artifactUrl = (projectId: string, buildId: string, file: { jobId: string; path: string }): string =>
  `/artifacts/${projectId}/${buildId}/${file.jobId}/${file.path.split("/").map(encodeURIComponent).join("/")}`

/** One of them; null when there is no such file. */
export async function openArtifact(
  ctx: Pick<Ctx, "db" | "actor" | "forge">,
  input: { projectId: string; buildId: string; jobId: string; path: string },
): Promise<Blob | null> {
  const build = await authorizeBuild(ctx, input)
  const jobs = await jobsOf(ctx.db, [build.id])
  if (!jobs.some(({ id }) => id === input.jobId)) return null
  return ctx.forge.openArtifact(placeOf(build, jobs), input.jobId, input.path)
}
