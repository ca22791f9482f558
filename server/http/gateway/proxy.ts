import type { Services } from "../../context.ts"
import type { Endpoint } from "../../ports/sandbox/port.ts"
import { askApp } from "./ask-app.ts"
import { forMembers } from "./framing.ts"
import { towardsApp, towardsVisitor } from "./headers.ts"
import { withScript } from "./inject.ts"
import { passing } from "./passing.ts"
import { keepInUse, type Target, wake } from "./target.ts"

interface Exchange {
  request: Request
  target: Target
  endpoint: Endpoint
  /** Ends it from our side. */
  signal: AbortSignal
  /** Called once, when the last byte has gone or the connection broke off. */
  onOver: () => void
  patienceMs?: number | undefined
}

/** Hands a request to the app and its answer back; both bodies stream, nothing is held. Throws `AppError`. */
export async function proxy(services: Services, exchange: Exchange): Promise<Response> {
  const { request, target, endpoint, signal, patienceMs } = exchange
  const draftPage = target.kind === "draft" && isNavigation(request)
  const scheme = new URL(services.config.publicUrl).protocol.slice(0, -1)
  const answer = await askApp(endpoint, {
    request,
    headersFor: (at) => {
      const headers = towardsApp(request, at, scheme)
      // What is sent compressed could not be given our script.
      if (draftPage) headers.set("accept-encoding", "identity")
      return headers
    },
    find: () => wake(services, target),
    signal,
    patienceMs,
  })
  const headers = towardsVisitor(answer)
  if (target.guarded) forMembers(headers, services.config.publicUrl)
  const init = { status: answer.status, statusText: answer.statusText, headers }
  // An answer that has no body by its nature is over here; nobody would ever read the stream of it.
  if (answer.body === null || request.method === "HEAD" || [204, 205, 304].includes(answer.status)) {
    exchange.onOver()
    return new Response(null, init)
  }
  const release = keepInUse(services, target)
  const body = passing(answer.body, {
    onOver: () => {
      release()
      exchange.onOver()
    },
  })
  if (!draftPage || !takesScript(answer)) return new Response(body, init)
  headers.delete("content-length")
  headers.delete("etag")
  return new Response(withScript(body), init)
}

function takesScript({ headers }: Response): boolean {
  const type = headers.get("content-type")?.toLowerCase() ?? ""
  return type.includes("text/html") && !type.includes("utf-16") && headers.get("content-encoding") === null
}

/** A page that a person looks at, not a file or a call of the app. */
export function isNavigation(request: Request): boolean {
  if (request.method !== "GET" && request.method !== "HEAD") return false
  const mode = request.headers.get("sec-fetch-mode")
  if (mode !== null) return mode === "navigate"
  return request.headers.get("accept")?.includes("text/html") === true
}
