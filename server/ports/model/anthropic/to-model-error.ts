import { APIConnectionError, APIError } from "@anthropic-ai/sdk"
import type { RunErrorKind } from "../../../../shared/errors.ts"
import { cleanText } from "../../../lib/clean-text.ts"
import { ModelError } from "../port.ts"

const retryable: ReadonlySet<RunErrorKind> = new Set([
  "provider_rate_limit",
  "provider_busy",
  "provider_cut",
  "provider_silent",
])

/** Whatever went wrong between us and the provider, in our words and without the key. */
export function toModelError(error: unknown, key: string): ModelError {
  if (error instanceof ModelError) return error
  // Bodies that end or break off in the middle fail in the reader, not in the SDK.
  if (!(error instanceof APIError)) return modelError("provider_cut", messageOf(error), key)
  if (error instanceof APIConnectionError) return modelError("provider_cut", reasonOf(error), key)
  const { status, type, headers } = error
  const words = error.apiMessage ?? error.message
  const code = status === undefined ? "" : `${status} `
  const request = error.requestID ? ` (${error.requestID})` : ""
  return modelError(kindOf(status, type, words), code + words + request, key, retryAfter(headers))
}

/** An error of ours with a short detail that holds no key. */
export function modelError(kind: RunErrorKind, detail: string, key: string, wait: number | null = null): ModelError {
  return new ModelError(kind, redact(detail, key), retryable.has(kind), wait)
}

function kindOf(status: number | undefined, type: string | null, words: string): RunErrorKind {
  const is = (wanted: number, name: string) => status === wanted || (status === undefined && type === name)
  if (is(401, "authentication_error") || is(403, "permission_error")) return "provider_auth"
  if (is(429, "rate_limit_error")) return "provider_rate_limit"
  if (is(529, "overloaded_error") || is(500, "api_error") || is(504, "timeout_error")) return "provider_busy"
  if (status === 408 || (status ?? 0) >= 500) return "provider_busy"
  return status === 413 || isTooLong(words) ? "provider_context" : "provider_rejected"
}

const isTooLong = (words: string): boolean =>
  /(prompt|input) is too long|too many (input )?tokens|context (window|length|limit)|exceeds? the (maximum|limit).*tokens/is.test(
    words,
  )

/** Seconds, rounded up; the header holds seconds or a date. */
function retryAfter(headers: Headers | undefined): number | null {
  const value = headers?.get("retry-after")
  if (!value) return null
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const reasonOf = (error: Error): string =>
  error.cause === undefined ? error.message : `${error.message} ${messageOf(error.cause)}`

function redact(text: string, key: string): string {
  return cleanText(key === "" ? text : text.replaceAll(key, "[key]"))
    .replaceAll(/\bsk-[\w-]{6,}/g, "[key]")
    .replaceAll(/\bBearer\s+[^\s"',]+/gi, "Bearer [key]")
    .slice(0, 500)
}
