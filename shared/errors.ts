/**
 * The one table of everything that can go wrong in a way we expect.
 * `code` is tRPC's, `status` is HTTP's, `retryable` says whether the same call may succeed later,
 * `words` is what a person reads, `next` is what they can do about it.
 */
export interface ErrorRow {
  readonly code: TrpcCode
  readonly status: number
  readonly retryable: boolean
  readonly words: string
  readonly next: string
}

export type TrpcCode =
  | "BAD_REQUEST"
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "TIMEOUT"
  | "CONFLICT"
  | "PRECONDITION_FAILED"
  | "PAYLOAD_TOO_LARGE"
  | "UNPROCESSABLE_CONTENT"
  | "TOO_MANY_REQUESTS"
  | "INTERNAL_SERVER_ERROR"
  | "BAD_GATEWAY"
  | "SERVICE_UNAVAILABLE"
  | "GATEWAY_TIMEOUT"

const row = (code: TrpcCode, status: number, retryable: boolean, words: string, next: string): ErrorRow => ({
  code,
  status,
  retryable,
  words,
  next,
})

export const errors = {
  bad_input: row(
    "BAD_REQUEST",
    400,
    false,
    "Something in the request is not right.",
    "Check what was entered and send it again.",
  ),
  unauthorized: row("UNAUTHORIZED", 401, false, "You are signed out.", "Sign in again."),
  forbidden: row("FORBIDDEN", 403, false, "You are not allowed to do that.", "Ask the person who owns this server."),
  not_found: row("NOT_FOUND", 404, false, "That does not exist, or it is not yours.", "Go back to your projects."),
  conflict: row("CONFLICT", 409, false, "That exists already.", "Choose another one."),
  run_active: row(
    "CONFLICT",
    409,
    true,
    "The AI is working. Stop it or wait.",
    "Press Stop, or wait until it is done.",
  ),
  not_green: row(
    "PRECONDITION_FAILED",
    412,
    false,
    "The checks of this version have not passed.",
    "Wait for the checks, or choose a version whose checks passed.",
  ),
  too_large: row("PAYLOAD_TOO_LARGE", 413, false, "That is too large.", "Send something smaller."),
  unprocessable: row(
    "UNPROCESSABLE_CONTENT",
    422,
    false,
    "That cannot be done with this project as it is.",
    "Read the reason and change it.",
  ),
  rate_limited: row(
    "TOO_MANY_REQUESTS",
    429,
    true,
    "That was too often in a short time.",
    "Wait a moment and try again.",
  ),
  limit_projects: row(
    "FORBIDDEN",
    403,
    false,
    "You have reached the number of projects this server allows.",
    "Delete a project you no longer need.",
  ),
  limit_containers: row(
    "TOO_MANY_REQUESTS",
    429,
    true,
    "You have reached the number of workspaces that may run at once.",
    "Stop one of them, or wait until one falls asleep.",
  ),
  limit_streams: row(
    "TOO_MANY_REQUESTS",
    429,
    true,
    "Too many windows are open at once.",
    "Close a window you do not need.",
  ),
  sandbox_failed: row(
    "BAD_GATEWAY",
    502,
    true,
    "The app could not be started.",
    "Look at the reason, then try again or let the AI fix it.",
  ),
  sandbox_timeout: row(
    "GATEWAY_TIMEOUT",
    504,
    true,
    "The app did not answer in time.",
    "Try again, or let the AI look at it.",
  ),
  forge_failed: row("BAD_GATEWAY", 502, true, "The checks could not be started.", "Try again."),
  unavailable: row(
    "SERVICE_UNAVAILABLE",
    503,
    true,
    "The server is starting, stopping or cannot reach its database.",
    "Try again in a few seconds.",
  ),
  internal: row(
    "INTERNAL_SERVER_ERROR",
    500,
    true,
    "Something went wrong on our side.",
    "Try again. If it stays, show the request id to the person who runs this server.",
  ),
} as const satisfies Record<string, ErrorRow>

export type ErrorKind = keyof typeof errors

/** Why a run ended badly. `detail` is for the person who opens details, never a secret. */
export const runErrors = {
  provider_auth: "The AI key is not accepted; an admin can change it in settings",
  provider_rate_limit: "The AI asks us to wait",
  provider_busy: "The AI service is busy",
  provider_silent: "The AI stopped answering",
  provider_cut: "The connection to the AI was cut",
  provider_refused: "The AI declined to answer this",
  provider_context: "This conversation has become too long for the AI",
  provider_rejected: "The AI service did not accept the request",
  budget: "The limit for this answer is reached",
  steps: "The AI took too many steps",
  timeout: "The answer took too long",
  too_large: "The app has become too large to be kept as a version",
  internal: "Something went wrong on our side",
} as const

export type RunErrorKind = keyof typeof runErrors

/** What `errorFormatter` adds to every tRPC error under `data`, and the fields of problem+json beside it. */
export interface ErrorData {
  kind: ErrorKind
  words: string
  next: string
  retryable: boolean
  detail: string | null
  requestId: string
}
