import { type ErrorKind, errors } from "../../shared/errors.ts"
import { type Failure, failureOf } from "../failure.ts"

/** Body of every refusal outside of tRPC: RFC 7807, and our own words beside it. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string | null
  instance: string
  timestamp: string
  kind: ErrorKind
  words: string
  next: string
  retryable: boolean
  requestId: string
}

/** The problem of an error that was thrown while `request` was answered. */
export function problemOf(error: unknown, request: Request): Response {
  return problem(failureOf(error), request)
}

/** `application/problem+json`. `extra` adds members, or says a status that is finer than the kind's own. */
export function problem(
  failure: Failure,
  request: Request,
  extra: Partial<Problem> & Record<string, unknown> = {},
): Response {
  const row = errors[failure.kind]
  const body: Problem = {
    type: `urn:go-chat:problem:${failure.kind}`,
    title: row.words,
    status: row.status,
    detail: failure.detail,
    instance: new URL(request.url).pathname,
    timestamp: new Date().toISOString(),
    kind: failure.kind,
    words: row.words,
    next: row.next,
    retryable: row.retryable,
    requestId: request.headers.get("x-request-id") ?? "",
    ...extra,
  }
  return Response.json(body, {
    status: body.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  })
}
