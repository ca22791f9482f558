import { DrizzleQueryError } from "drizzle-orm"
import type { ZodError } from "zod"
import type { ErrorKind } from "../shared/errors.ts"
import { AppError } from "./app-error.ts"

/** What an error is in our words. `detail` is for the person, so it holds nothing of an unknown error. */
export interface Failure {
  kind: ErrorKind
  detail: string | null
}

const unavailableCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  // Postgres: stopping, crashed, starting, too many connections, deadlock, serialization failure.
  "57P01",
  "57P02",
  "57P03",
  "53300",
  "40P01",
  "40001",
])

/** Characters that Postgres cannot hold in text or json. */
const unstorableCodes = new Set(["22021", "22P05"])

/** Names any error by the table of `shared/errors.ts`; what we do not know is `internal` and says nothing. */
export function failureOf(error: unknown): Failure {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if (current instanceof AppError) return { kind: current.kind, detail: current.detail }
    const code = databaseCode(current)
    if (code !== null && unavailableCodes.has(code)) return { kind: "unavailable", detail: null }
    if (code !== null && unstorableCodes.has(code)) {
      return { kind: "bad_input", detail: "The text holds a character that cannot be stored." }
    }
  }
  return { kind: "internal", detail: null }
}

/** The first things that are wrong with an input: where, and what. */
export function inputDetail(error: ZodError): string {
  const lines = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map(String).join(".")
    return path === "" ? issue.message : `${path}: ${issue.message}`
  })
  return lines.join("; ").slice(0, 500)
}

function databaseCode(error: Error): string | null {
  const source = error instanceof DrizzleQueryError ? error.cause : error
  const code: unknown = source !== undefined && "code" in source ? source.code : null
  return typeof code === "string" ? code : null
}

/** True when Postgres refused a row because another one has the same unique value. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && databaseCode(error) === "23505"
}
