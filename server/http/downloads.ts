import { ref as refName } from "../../shared/file.ts"
import { id } from "../../shared/ids.ts"
import { AppError } from "../app-error.ts"
import type { Services } from "../context.ts"
import { authorizeProject } from "../features/project/access.ts"
import { resolveActor } from "./actor.ts"

/** GET `/files/:projectId.zip?ref=`: the files of a version (the newest without `ref`) as a zip, for members. */
export async function downloadResponse(services: Services, request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  if (request.method !== "GET" && request.method !== "HEAD") throw new AppError("not_found")
  const actor = await resolveActor(services, request, { fresh: false })
  if (actor === null) throw new AppError("unauthorized")
  const projectId = id.safeParse(/^\/files\/([^/]+)\.zip$/.exec(pathname)?.[1]).data
  const wanted = refName.safeParse(searchParams.get("ref") ?? "main").data
  if (projectId === undefined || wanted === undefined) throw new AppError("not_found")
  const project = await authorizeProject({ ...services, actor }, projectId)
  const sha = await services.repository.resolve(project.id, wanted)
  if (sha === null) throw new AppError("not_found", "There is no such version.")
  return new Response(request.method === "HEAD" ? null : services.repository.archive(project.id, sha), {
    headers: {
      "content-type": "application/zip",
      // A slug is made of letters, digits and dashes alone.
      "content-disposition": `attachment; filename="${project.slug ?? "project"}-${sha.slice(0, 7)}.zip"`,
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-store",
    },
  })
}
