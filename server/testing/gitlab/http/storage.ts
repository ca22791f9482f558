import { artifactZip } from "../api/artifact-zip.ts"
import { type LoggedRequest, logRequest } from "../request-log.ts"
import { pipelinesOf, type World } from "../world.ts"
import { page } from "./front.ts"
import type { Incoming, Outgoing } from "./serve.ts"

/** The other host that keeps artifacts: it asks for no token, and notes whether one came. */
export const storage =
  (world: World, requests: LoggedRequest[]) =>
  async (incoming: Incoming): Promise<Outgoing> => {
    const entry = logRequest(requests, incoming)
    const [, projectId = "", jobId = ""] = /^\/artifacts\/(\d+)\/(\d+)/.exec(incoming.url) ?? []
    const zip = await zipOf(world, Number(projectId), Number(jobId))
    entry.status = zip === null ? 404 : 200
    return zip === null ? page(404) : { status: 200, headers: { "content-type": "application/zip" }, body: zip }
  }

async function zipOf(world: World, projectId: number, jobId: number): Promise<Uint8Array | null> {
  const project = world.projects.get(projectId)
  const pipeline = pipelinesOf(world, projectId).find(({ jobs }) => jobs.some(({ id }) => id === jobId))
  const job = pipeline?.jobs.find(({ id }) => id === jobId)
  if (project === undefined || pipeline === undefined || job === undefined) return null
  return artifactZip(world, project, pipeline, job)
}
