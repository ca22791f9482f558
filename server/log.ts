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
const describeError = (error: unknown): unknown =>
  error instanceof Error
    ? {
        type: error.name,
        message: error.message,
        stack: error.stack,
        ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
      }
    : String(error)

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
