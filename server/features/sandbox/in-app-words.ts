import { AppError } from "../../app-error.ts"
import { SandboxError } from "../../ports/sandbox/port.ts"

/** What a sandbox could not do, as an error that people are told. */
export function inAppWords(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (!(error instanceof SandboxError)) return new AppError("internal", null, { cause: error })
  return new AppError(error.kind === "timeout" ? "sandbox_timeout" : "sandbox_failed", error.reason, { cause: error })
}
