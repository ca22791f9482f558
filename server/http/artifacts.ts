import { id } from "../../shared/ids.ts"
import { AppError } from "../app-error.ts"
import type { Services } from "../context.ts"
import { openArtifact } from "../features/build/artifacts.ts"
import { resolveActor } from "./actor.ts"

interface ArtifactParams {
  projectId: string
  buildId: string
  jobId: string
}

/**
 * GET `/artifacts/:projectId/:buildId/:jobId/*`: a file that a job left, for members, always as a download. What it
 * holds was made by somebody's app, so a browser must never take it for a page of ours.
 */
export async function artifactResponse(
  services: Services,
  request: Request,
  params: ArtifactParams,
): Promise<Response> {
  const actor = await resolveActor(services, request, { fresh: false })
  if (actor === null) throw new AppError("unauthorized")
  const ids = [params.projectId, params.buildId, params.jobId].map((value) => id.safeParse(value))
  const [projectId, buildId, jobId] = ids.map((result) => result.data)
  const path = artifactPath(request)
  if (projectId === undefined || buildId === undefined || jobId === undefined || path === null) {
    throw new AppError("not_found")
  }
  const file = await openArtifact({ ...services, actor }, { projectId, buildId, jobId, path })
  if (file === null) throw new AppError("not_found")
  const name = path.split("/").at(-1) ?? "file"
  return new Response(file, {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="${name.replaceAll(/[^\w.-]/g, "_")}"; filename*=UTF-8''${encoded(name)}`,
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-store",
    },
  })
}

/** The path behind the three ids, from the address itself: routers differ in what they decode. */
function artifactPath(request: Request): string | null {
  const parts = new URL(request.url).pathname.split("/").slice(5)
  try {
    const path = parts.map(decodeURIComponent).join("/")
    return path === "" ? null : path
  } catch {
    return null
  }
}

/** RFC 5987. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
