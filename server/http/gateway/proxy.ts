import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import type { Endpoint } from "../../ports/sandbox/port.ts"
import { frameOnlyFrom, towardsApp, towardsVisitor } from "./headers.ts"
import { withScript } from "./inject.ts"
import { keepInUse, type Target } from "./target.ts"

/** An app that has not begun to answer by then gets no more time. */
const headersMs = 30_000

/** Hands a request to the app and its answer back; both bodies stream, nothing is held. Throws `AppError`. */
export async function proxy(
  services: Services,
  request: Request,
  target: Target,
  endpoint: Endpoint,
  patienceMs = headersMs,
): Promise<Response> {
  const url = new URL(request.url)
  const headers = towardsApp(request, endpoint, new URL(services.config.publicUrl).protocol.slice(0, -1))
  const draftPage = target.kind === "draft" && isNavigation(request)
  // What is sent compressed could not be given our script.
  if (draftPage) headers.set("accept-encoding", "identity")
  const answer = await ask(
    `http://${endpoint.host}:${endpoint.port}${url.pathname}${url.search}`,
    request,
    headers,
    patienceMs,
  )
  const kept = towardsVisitor(answer)
  if (target.kind !== "live") frameOnlyFrom(kept, services.config.publicUrl)
  if (answer.headers.get("content-type")?.startsWith("text/event-stream")) {
    request.signal.addEventListener("abort", keepInUse(services, target), { once: true })
  }
  const isHtml = answer.headers.get("content-type")?.includes("text/html") === true
  const plain = answer.headers.get("content-encoding") === null
  const init = { status: answer.status, statusText: answer.statusText, headers: kept }
  if (!draftPage || !isHtml || !plain || answer.body === null) return new Response(answer.body, init)
  kept.delete("content-length")
  kept.delete("etag")
  return withScript(new Response(answer.body, init))
}

async function ask(url: string, request: Request, headers: Headers, patienceMs: number): Promise<Response> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), patienceMs)
  try {
    return await fetch(url, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      decompress: false,
      signal: AbortSignal.any([request.signal, late.signal]),
    })
  } catch (error) {
    if (late.signal.aborted)
      throw new AppError("sandbox_timeout", "It did not answer within 30 seconds.", { cause: error })
    throw new AppError("sandbox_failed", "It broke off the connection.", { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** A page that a person looks at, not a file or a call of the app. */
export function isNavigation(request: Request): boolean {
  if (request.method !== "GET" && request.method !== "HEAD") return false
  const mode = request.headers.get("sec-fetch-mode")
  if (mode !== null) return mode === "navigate"
  return request.headers.get("accept")?.includes("text/html") === true
}
