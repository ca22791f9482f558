import { AppError } from "../app-error.ts"
import type { Actor, Services } from "../context.ts"
import { authorizeProject, type Authorized, type ProjectRow } from "../features/project/access.ts"
import { projectBySlug } from "../features/project/by-slug.ts"
import { resolveActor } from "./actor.ts"

/** `/git/:slug.git/*`: clone and fetch over git's smart HTTP, with an API key as the password (any user name). */
export async function gitResponse(services: Services, request: Request): Promise<Response> {
  const [, slug, pathInfo] = /^\/git\/([a-z0-9-]{1,63})\.git(\/.*)$/.exec(new URL(request.url).pathname) ?? []
  const actor = await resolveActor(services, withKey(request), { fresh: true })
  // Before anything is said about the project: who has no key does not learn which ones there are.
  if (actor === null) return keyWanted()
  const project = slug === undefined ? null : await findProject(services, actor, slug)
  if (project === null || pathInfo === undefined) {
    return plain(404, "There is no such project, or it is not yours.")
  }
  await services.repository.create(project.id)
  return services.repository.serveGit(project.id, request, pathInfo)
}

/** Only a key counts here: a browser's cookie is left out, a password becomes the header that programs use. */
function withKey(request: Request): Request {
  const headers = new Headers()
  const key = request.headers.get("x-api-key") ?? basicPassword(request.headers.get("authorization"))
  if (key !== null) headers.set("x-api-key", key)
  for (const name of ["x-request-id", "x-gochat-ip"]) {
    const value = request.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  return new Request(request.url, { headers })
}

function basicPassword(authorization: string | null): string | null {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? "")?.[1]
  if (encoded === undefined) return null
  const pair = Buffer.from(encoded, "base64").toString("utf8")
  const password = pair.slice(pair.indexOf(":") + 1)
  // A header cannot hold anything else, and no key does.
  return pair.includes(":") && /^[\x21-\x7e]+$/.test(password) ? password : null
}

async function findProject(services: Services, actor: Actor, slug: string): Promise<Authorized<ProjectRow> | null> {
  const found = await projectBySlug(services, slug)
  if (found === null) return null
  try {
    return await authorizeProject({ ...services, actor }, found.id)
  } catch (error) {
    if (error instanceof AppError && error.kind === "not_found") return null
    throw error
  }
}

const keyWanted = (): Response =>
  plain(401, "Use an API key of Go Chat as the password. You can make one in your account's settings.", {
    "www-authenticate": 'Basic realm="Go Chat: API key as password", charset="UTF-8"',
  })

/** git shows plain text to the person. */
const plain = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...headers },
  })
