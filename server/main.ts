/** The process: environment → configuration → server → signals. The only file with side effects at import. */
import { loadConfig } from "./config.ts"
import { loadDotEnv } from "./lib/dot-env.ts"
import { StartError } from "./lib/start-error.ts"
import { createLog } from "./log.ts"
import { type RunningServer, startServer } from "./server.ts"
import { startMessage } from "./start-message.ts"

/** Longer than every step of the drain together should take. */
const STOP_MS = 9_000
/** A terminal sends Ctrl-C to `bun start` and to us, and `bun start` passes it on: that is one signal, not two. */
const SAME_SIGNAL_MS = 500

function read() {
  try {
    loadDotEnv()
    return loadConfig(process.env)
  } catch (error) {
    return refuse(error)
  }
}

function refuse(error: unknown): never {
  process.stderr.write(`${error instanceof StartError ? error.message : `Go Chat could not start: ${String(error)}`}\n`)
  process.exit(1)
}

const config = read()
const log = createLog(config)
let running: RunningServer | null = null
let stoppingSince = 0

async function end(reason: string, code: number): Promise<void> {
  if (stoppingSince > 0) {
    if (Date.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(130)
    return
  }
  stoppingSince = Date.now()
  log.info({ reason }, "stopping")
  setTimeout(() => {
    log.error("stopping took too long")
    process.exit(1)
  }, STOP_MS).unref()
  await running?.stop()
  log.info({ ms: Date.now() - stoppingSince }, "stopped")
  process.exit(code)
}

// During the start too: a database that was just started must not be left behind by an early Ctrl-C.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (running === null && stoppingSince === 0) stopWhenStarted = signal
    else void end(signal, 0)
  })
}
let stopWhenStarted: string | null = null

// A promise nobody waited for concerns one request or one run; ending the process would cut everybody's. It is a bug
// all the same and loud in the log.
process.on("unhandledRejection", (err) => log.error({ err }, "unhandled rejection"))
// After this nothing can be trusted to be whole: drain what can be drained and let the supervisor start anew.
process.on("uncaughtException", (err) => {
  log.fatal({ err }, "uncaught exception")
  void end("uncaught exception", 1)
})

try {
  running = await startServer(config, {
    log,
    onLost: (reason) => {
      log.fatal({ reason }, "the database belongs to another server now")
      process.exit(1)
    },
  })
  process.stdout.write(startMessage(config, running))
  log.info({ port: running.port, pid: process.pid }, "started")
  for (const name of config.unused) log.warn({ name }, `${name} is set, and this version does not use it`)
  if (stopWhenStarted) await end(stopWhenStarted, 0)
} catch (error) {
  if (!(error instanceof StartError)) log.fatal({ err: error }, "start failed")
  refuse(error)
}
