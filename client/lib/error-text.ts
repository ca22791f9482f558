import { errors, type ErrorData } from "../../shared/errors.ts"
import { strings } from "./strings.ts"

export interface ErrorText {
  /** What happened. */
  words: string
  /** What to do about it. */
  next: string
  detail: string | null
  retryable: boolean
}

function dataOf(error: unknown): (Partial<ErrorData> & { code?: string }) | null {
  if (typeof error !== "object" || error === null || !("data" in error)) return null
  const { data } = error
  return typeof data === "object" && data !== null ? data : null
}

/** Words for anything that was thrown; a connection that did not answer has no `data`. */
export function errorText(error: unknown): ErrorText {
  const data = dataOf(error)
  if (data === null) return { ...strings.error.unreachable, detail: null, retryable: true }
  if (typeof data.words !== "string") {
    const row = errors.internal
    return { words: row.words, next: row.next, detail: null, retryable: row.retryable }
  }
  return { words: data.words, next: data.next ?? "", detail: data.detail ?? null, retryable: data.retryable ?? false }
}

/** One line for a notice: the detail says more than the general words when there is one. */
export function errorLine(error: unknown): string {
  const text = errorText(error)
  return text.detail ?? `${text.words} ${text.next}`.trim()
}

export const isSignedOut = (error: unknown): boolean => dataOf(error)?.code === "UNAUTHORIZED"
export const isMissing = (error: unknown): boolean => dataOf(error)?.code === "NOT_FOUND"
/** As many apps are awake as may be. */
export const isContainerLimit = (error: unknown): boolean => dataOf(error)?.kind === "limit_containers"
/** The request may not have reached the server, so sending it again is right. */
export const isUnreachable = (error: unknown): boolean =>
  dataOf(error) === null || dataOf(error)?.code === "SERVICE_UNAVAILABLE"
