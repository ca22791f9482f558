import { freePort } from "../../../lib/free-port.ts"
import { type Endpoint, SandboxError, type StartInput } from "../port.ts"
import type { Isolation, JobInput } from "./job.ts"
import { type Job, launch } from "./launch.ts"
import { Tail } from "../output.ts"
import { untilReady } from "../ready.ts"
import { plainReason } from "../reason.ts"

const readyMs = 60_000

/** An app that answers. */
export interface RunningApp {
  job: Job
  endpoint: Endpoint
}

/** Starts an app on a free port and waits for it to answer. Throws `SandboxError` with the reason and the log's end. */
export async function startApp(
  isolation: Isolation,
  job: Omit<JobInput, "command" | "env">,
  input: StartInput,
  log: Tail,
): Promise<RunningApp> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryStart(isolation, job, input, log)
    } catch (error) {
      // Somebody else was faster on the port that was free a moment ago.
      const taken =
        error instanceof SandboxError && /EADDRINUSE|address already in use|port \d+ (is )?in use/i.test(error.log)
      if (!taken || attempt === 3 || input.signal.aborted) throw error
    }
  }
}

async function tryStart(
  isolation: Isolation,
  job: Omit<JobInput, "command" | "env">,
  input: StartInput,
  log: Tail,
): Promise<RunningApp> {
  const { app } = input
  const port = await freePort()
  input.onProgress("Starting your app…")
  const { dataDir } = isolation.inside(job)
  const running = await launch(isolation, {
    ...job,
    command: app.command,
    env: { ...app.env, PORT: String(port), DATA_DIR: dataDir },
  })
  const drained = drain(running, log)

  const over = new AbortController()
  const exited = running.exited.then((code) => {
    over.abort()
    return { code }
  })
  const limit = AbortSignal.timeout(readyMs)
  const places = ["127.0.0.1", "::1"].map((host) => ({ host, port }))
  const endpoint = await untilReady(places, app.health, AbortSignal.any([over.signal, limit, input.signal]))
  if (endpoint && !over.signal.aborted) return { job: running, endpoint }

  await running.end()
  await drained
  input.signal.throwIfAborted()
  if (over.signal.aborted) {
    const { code } = await exited
    throw new SandboxError(plainReason(log.text(), `It ended at once with code ${code ?? "none"}.`), log.text())
  }
  const words = `It did not answer on port ${port} at ${app.health} within ${readyMs / 1000} seconds. An app has to listen on the port in PORT.`
  throw new SandboxError(words, log.text(), "timeout")
}

async function drain(job: Job, log: Tail): Promise<void> {
  for await (const chunk of job.output) log.add(chunk)
}
