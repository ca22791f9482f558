import { AppError } from "../../app-error.ts"
import type { Endpoint } from "../../ports/sandbox/port.ts"
import { passing } from "./passing.ts"

/** An app that neither takes more of the request nor begins to answer for so long gets no more time. */
const patienceMs = 30_000
/** Before asking again an app that is just being switched or restarted. */
const pausesMs = [0, 250]

export interface Question {
  request: Request
  headersFor: (endpoint: Endpoint) => Headers
  /** Where the app is now; asked again when it could not be reached there. */
  find: () => Promise<Endpoint>
  /** Ends the whole exchange. */
  signal: AbortSignal
  patienceMs?: number | undefined
}

/**
 * The app's answer as soon as it begins; both bodies stream. Nobody sees the moment in which an app is replaced: a
 * request that changes nothing and has no body is sent again. Throws `AppError`.
 */
export async function askApp(endpoint: Endpoint, question: Question): Promise<Response> {
  const { request, find } = question
  const again = request.body === null && (request.method === "GET" || request.method === "HEAD")
  let at = endpoint
  for (const pause of again ? pausesMs : []) {
    try {
      return await ask(at, question)
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== "sandbox_failed") throw error
      if (question.signal.aborted || request.signal.aborted) throw error
    }
    if (pause > 0) await Bun.sleep(pause)
    at = await find()
  }
  return ask(at, question)
}

async function ask(endpoint: Endpoint, question: Question): Promise<Response> {
  const { request, headersFor, signal } = question
  const { pathname, search } = new URL(request.url)
  const late = new AbortController()
  const ms = question.patienceMs ?? patienceMs
  let answered = false
  let timer = setTimeout(() => late.abort(), ms)
  const wait = () => {
    clearTimeout(timer)
    if (!answered) timer = setTimeout(() => late.abort(), ms)
  }
  try {
    return await fetch(`http://${endpoint.host}:${endpoint.port}${pathname}${search}`, {
      method: request.method,
      headers: headersFor(endpoint),
      body: request.body === null ? null : passing(request.body, { onPiece: wait, onOver: wait }),
      redirect: "manual",
      decompress: false,
      signal: AbortSignal.any([request.signal, signal, late.signal]),
    })
  } catch (error) {
    if (late.signal.aborted) {
      throw new AppError("sandbox_timeout", `It did not answer within ${Math.ceil(ms / 1000)} seconds.`, {
        cause: error,
      })
    }
    throw new AppError("sandbox_failed", "It broke off the connection.", { cause: error })
  } finally {
    answered = true
    clearTimeout(timer)
  }
}
