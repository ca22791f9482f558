import { TRPCError, type TRPCDefaultErrorShape } from "@trpc/server"
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc"
import { ZodError } from "zod"
import { type ErrorData, type ErrorKind, errors } from "../../shared/errors.ts"
import { type Failure, failureOf, inputDetail } from "../failure.ts"

/** What tRPC itself refuses, before any of our code ran. */
const refusals: Partial<Record<TRPCError["code"], ErrorKind>> = {
  PARSE_ERROR: "bad_input",
  BAD_REQUEST: "bad_input",
  METHOD_NOT_SUPPORTED: "bad_input",
  UNSUPPORTED_MEDIA_TYPE: "bad_input",
  NOT_FOUND: "not_found",
  PAYLOAD_TOO_LARGE: "too_large",
  SERVICE_UNAVAILABLE: "unavailable",
  CLIENT_CLOSED_REQUEST: "unavailable",
}

/** Names a tRPC error by our table. Only words of our own, of zod and of tRPC's own refusals get out. */
export function failureOfCall(error: TRPCError): Failure {
  if (error.code === "BAD_REQUEST" && error.cause instanceof ZodError) {
    return { kind: "bad_input", detail: inputDetail(error.cause) }
  }
  const refusal = refusals[error.code]
  if (error.cause !== undefined) {
    const failure = failureOf(error.cause)
    if (failure.kind !== "internal") return failure
  }
  if (refusal === undefined) return { kind: "internal", detail: null }
  return { kind: refusal, detail: error.cause === undefined ? error.message : "The request could not be read." }
}

/** Data of every error on the wire: ours, and beside it what tRPC's clients look at. */
interface WireErrorData extends ErrorData {
  code: TRPCError["code"]
  httpStatus: number
  path?: string
}

/** tRPC's error shape with our words in place of the message, and no stack. */
export function errorShape(error: TRPCError, shape: TRPCDefaultErrorShape, requestId: string) {
  const { kind, detail } = failureOfCall(error)
  const row = errors[kind]
  // tRPC's own refusals keep their finer code (405, 415), which its clients know.
  const own = refusals[error.code] === kind
  const code = own ? error.code : row.code
  const data: WireErrorData = {
    kind,
    words: row.words,
    next: row.next,
    retryable: row.retryable,
    detail,
    requestId,
    code,
    httpStatus: own ? shape.data.httpStatus : row.status,
    path: shape.data.path,
  }
  return { message: detail ?? row.words, code: TRPC_ERROR_CODES_BY_KEY[code], data }
}
