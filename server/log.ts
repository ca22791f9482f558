import { DrizzleQueryError } from "drizzle-orm"
import pino, { type Logger } from "pino"
import type { Config } from "./config.ts"

/** Names under which secrets travel; their values never reach the log, at the top or one or two levels down. */
const secretNames = [
  "password",
  "newPassword",
  "currentPassword",
  "secretKey",
  "claudeApiKey",
  "apiKey",
  "key",
  "token",
  "cookie",
  "authorization",
  "databaseUrl",
  '["set-cookie"]',
  '["x-api-key"]',
]

const redacted = secretNames.flatMap((name) => {
  const below = name.startsWith("[") ? name : `.${name}`
  return [name, `*${below}`, `*.*${below}`]
})

/** What an unexpected error leaves in the log: never its own properties, which can hold a request with its headers. */
const describeError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) }
  // A failed query puts the values into its words, and those are messages, tokens and password hashes of people.
  if (error instanceof DrizzleQueryError) {
    const stack = error.stack?.replace(error.message, "").slice("Error: \n".length)
    return { type: "DrizzleQueryError", message: `Failed query: ${error.query}`, stack, ...cause }
  }
  return { type: error.name, message: error.message, stack: error.stack, ...cause }
}

/** JSON lines on stdout, or with `LOG_FORMAT=text` plain lines for reading along. */
export function createLog(
  config: Pick<Config, "logLevel" | "logFormat">,
  destination?: pino.DestinationStream,
): Logger {
  const out = destination ?? pino.destination({ fd: 1, sync: true })
  return pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted, censor: "[hidden]" },
      serializers: { err: describeError, error: describeError },
    },
    config.logFormat === "text" ? plainLines(out) : out,
  )
}

/** `12:00:00 info  build finished {"buildId":"…"}`: no transport thread, no colours, nothing to install. */
function plainLines(out: pino.DestinationStream): pino.DestinationStream {
  return {
    write: (line) => {
      const { level, time, msg, err, ...rest }: Record<string, unknown> = JSON.parse(line)
      const clock = String(time).slice(11, 19)
      const more = Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`
      const stack = err && typeof err === "object" && "stack" in err ? `\n${String(err.stack)}` : ""
      out.write(`${clock} ${String(level).padEnd(5)} ${typeof msg === "string" ? msg : ""}${more}${stack}\n`)
    },
  }
}
