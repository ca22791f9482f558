import { boundedText } from "./bounded-text.ts"
import { errorOfAnswer, errorOfConnection, GitLabError, unexpected } from "./errors.ts"
import { pause, type RequestLimiter } from "./limits.ts"

export interface TransportOptions {
  token: string
  /** For one attempt: to its answer's end, or to its start where the answer is a stream. */
  timeoutMs: number
  /** How often a read is tried again. */
  retries: number
  /** The first pause between attempts; each next one is twice as long. */
  pauseMs: number
  /** What is waited at most because GitLab asked for it; for more the error goes to the caller. */
  longestPauseMs: number
  limiter: RequestLimiter
}

export interface Outgoing {
  url: URL
  method: string
  body?: string
  signal: AbortSignal | undefined
  /** Files may lie elsewhere, and are fetched there without the token; the API may not. */
  elsewhere?: boolean
}

/**
 * Sends a request and hands its good answer to `read`, within the time limit. Only reads are tried again: nobody
 * knows whether a write was done that gave no answer.
 */
export async function send<T>(
  options: TransportOptions,
  request: Outgoing,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    await options.limiter.take(request.signal)
    try {
      return await once(options, request, read)
    } catch (error) {
      request.signal?.throwIfAborted()
      const wait = waitBefore(options, request.method, attempt, error)
      if (wait === null) throw error
      await pause(wait, request.signal)
    }
  }
}

/** null: it is not tried again. */
function waitBefore(options: TransportOptions, method: string, attempt: number, error: unknown): number | null {
  if (!(error instanceof GitLabError)) return null
  const { retryAfterMs, status } = error.about
  const wait = Math.max(retryAfterMs ?? 0, options.pauseMs * 2 ** attempt * (0.5 + Math.random()))
  if (error.kind === "limited") options.limiter.pause(Math.min(wait, options.longestPauseMs))
  if (method !== "GET" || attempt >= options.retries || wait > options.longestPauseMs) return null
  // 500 is a fault that stays; the others pass.
  const passing = error.kind === "limited" || (error.kind === "away" && status !== 500)
  return passing ? wait : null
}

async function once<T>(
  { token, timeoutMs }: TransportOptions,
  { url, method, body, signal, elsewhere = false }: Outgoing,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const ended = new AbortController()
  const timer = setTimeout(
    () => ended.abort(new DOMException("There was no answer in time.", "TimeoutError")),
    timeoutMs,
  )
  const both = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal])
  try {
    const init = { method, signal: both, ...(body === undefined ? {} : { body }) }
    const response = await follow(url, token, init, elsewhere)
    if (response.ok) return await read(response)
    const [contentType, retryAfter] = ["content-type", "retry-after"].map((name) => response.headers.get(name))
    const text = await boundedText(response)
    const answer = { status: response.status, contentType: contentType ?? "", retryAfter: retryAfter ?? null, text }
    throw errorOfAnswer(answer, method, token)
  } catch (error) {
    signal?.throwIfAborted()
    throw errorOfConnection(error, method, token)
  } finally {
    clearTimeout(timer)
  }
}

const mostRedirects = 5

/** Follows redirects of reads by hand: the token goes to GitLab's own origin and nowhere else. */
async function follow(start: URL, token: string, init: RequestInit, elsewhere: boolean): Promise<Response> {
  let url = start
  for (let count = 0; count <= mostRedirects; count++) {
    const headers = new Headers({ accept: "*/*" })
    if (init.body !== undefined) headers.set("content-type", "application/json")
    if (url.origin === start.origin) headers.set("authorization", `Bearer ${token}`)
    const response = await fetch(url, { ...init, headers, redirect: "manual" })
    const location = response.headers.get("location")
    if (response.status < 300 || response.status >= 400 || location === null) return response
    await response.body?.cancel()
    const target = new URL(location, url)
    if (target.pathname.endsWith("/users/sign_in"))
      throw unexpected("It sent to its page for signing in.", response.status)
    if (init.method !== "GET" || (target.origin !== start.origin && !elsewhere)) {
      throw unexpected(`It sent elsewhere, to ${target.origin}.`, response.status)
    }
    url = target
  }
  throw unexpected("It sent from one address to the next without end.")
}
