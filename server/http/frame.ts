import type { Services } from "../context.ts"
import { newId } from "../lib/ids.ts"
import { allowHeaders, answerPreflight } from "./cors.ts"
import { checkOrigin } from "./origin.ts"
import { problemOf } from "./problem.ts"

type Parts = Pick<Services, "config" | "log">

/** Paths that something asks for every few seconds, or that a page loads dozens of. */
const quiet = /^\/(health|assets)\b/

/**
 * What every answer of the app has around it: an id, the check of the origin, headers, and one line in the log. The
 * line holds no query (it can hold what people wrote) and no headers.
 */
export async function frame(
  { config, log }: Parts,
  request: Request,
  answer: () => Promise<Response>,
): Promise<Response> {
  const began = performance.now()
  const requestId = takeId(request)
  const response = answerPreflight(config, request) ?? (await checkedAnswer(config, request, answer))
  response.headers.set("x-request-id", requestId)
  response.headers.set("x-content-type-options", "nosniff")
  response.headers.set("referrer-policy", "same-origin")
  for (const [name, value] of Object.entries(allowHeaders(config, request) ?? {})) response.headers.set(name, value)
  const path = new URL(request.url).pathname
  const ms = Math.round((performance.now() - began) * 10) / 10
  const level = response.status >= 500 ? "error" : quiet.test(path) ? "debug" : "info"
  log[level]({ requestId, method: request.method, path, status: response.status, ms }, "request")
  return response
}

async function checkedAnswer(
  config: Parts["config"],
  request: Request,
  answer: () => Promise<Response>,
): Promise<Response> {
  try {
    checkOrigin(config, request)
    return await answer()
  } catch (error) {
    return problemOf(error, request)
  }
}

/** The id that a proxy or a program gave, when it is a harmless one, else a new one; readable by all that follows. */
function takeId(request: Request): string {
  const given = request.headers.get("x-request-id")
  const id = given !== null && /^[\w.-]{8,64}$/.test(given) ? given : newId()
  request.headers.set("x-request-id", id)
  return id
}
