/** What an engine refused or could not do, sorted by what can be done about it. */
export class EngineError extends Error {
  override readonly name = "EngineError"
  constructor(
    /** `away`: it does not answer. `full`: no disk left. `missing`: no such container, image, network or volume. */
    readonly kind: "away" | "full" | "missing" | "conflict" | "refused",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Translates what dockerode throws: an answer with a status, or a socket that gave none. */
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error
  const message = messageOf(error)
  const status = statusOf(error)
  const options = { cause: error }
  if (status === null) return new EngineError("away", message, options)
  if (/no space left on device|disk quota exceeded/i.test(message)) return new EngineError("full", message, options)
  if (status === 404) return new EngineError("missing", message, options)
  if (status === 409 || status === 304) return new EngineError("conflict", message, options)
  return new EngineError("refused", message, options)
}

const statusOf = (error: unknown): number | null =>
  error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : null

/** Docker's own words, without the frame that dockerode puts around them. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const body: unknown = "json" in error ? error.json : null
  if (typeof body === "object" && body !== null && "message" in body) return String(body.message)
  return error.message.replace(/^\(HTTP code \d+\) [^-]*- /, "").trim()
}
