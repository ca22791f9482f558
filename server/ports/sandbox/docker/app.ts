import type { Tail } from "../output.ts"
import { type AppSpec, type Endpoint, SandboxError, type StartInput } from "../port.ts"
import { untilReady } from "../ready.ts"
import { plainReason } from "../reason.ts"
import type { Box, Boxes } from "./boxes.ts"
import { type Ended, memoryKills, whyEnded, whySilent } from "./diagnose.ts"
import type { Engine } from "./engine.ts"
import { type Inside, runInside } from "./inside.ts"

const readyMs = 60_000
const errorKinds = { app: "failed", engine: "unavailable", disk: "disk" } as const

/** An app that answers. */
export interface RunningApp {
  readonly box: Box
  readonly endpoint: Endpoint
  readonly inside: Inside
  /** Why it ended, once it did. */
  readonly ended: Promise<Ended & { code: number | null }>
}

/** Starts an app in its container and waits for it to answer. Throws `SandboxError` with the reason and the log's end. */
export async function startApp(
  engine: Engine,
  boxes: Boxes,
  box: Box,
  input: Pick<StartInput, "onProgress" | "signal"> & {
    app: Pick<AppSpec, "command" | "port" | "health" | "env">
  },
  memory: number,
  log: Tail,
): Promise<RunningApp> {
  const { app, signal } = input
  const { endpoint } = box
  if (endpoint === null) throw new Error("an app needs a container with a port")
  input.onProgress("Starting your app…")
  const inside = await runInside(engine, box.containerId, app.command, { ...app.env, PORT: String(app.port) })
  const over = new AbortController()
  const drained = (async () => {
    for await (const chunk of inside.output) log.add(chunk)
    over.abort()
    return inside.code()
  })()
  drained.catch(() => over.abort())

  const limit = AbortSignal.timeout(readyMs)
  const ready = await untilReady([endpoint], app.health, AbortSignal.any([over.signal, limit, signal]))
  if (ready !== null && !over.signal.aborted) {
    const ended = drained.then(async (code) => {
      const end = box.endedBecause ?? (await whyEnded(engine, box.containerId, code, memory, box.memoryKills))
      return { ...end, code }
    })
    return { box, endpoint, inside, ended }
  }

  if (over.signal.aborted) {
    const code = await drained
    const end = code === null ? await whyEnded(engine, box.containerId, code, memory, box.memoryKills) : null
    const why = (box.endedBecause ?? end)?.reason
    const otherwise = `It ended at once with code ${code ?? "none"}.`
    const kind = errorKinds[(box.endedBecause ?? end)?.because ?? "app"]
    throw new SandboxError(why ?? plainReason(log.text(), otherwise), log.text(), kind)
  }
  const why = signal.aborted ? null : await whySilent(engine, box.containerId, app.port)
  if (!(await inside.end(0))) await boxes.kill(box, "It could not be ended.")
  await drained
  signal.throwIfAborted()
  const silent = `It did not answer on port ${app.port} at ${app.health} within ${readyMs / 1000} seconds. An app has to listen on the address in HOST and the port in PORT.`
  throw new SandboxError(why ?? silent, log.text(), "timeout")
}

/** What was noted as ended for want of memory before something new begins. */
export async function noteMemoryKills(engine: Engine, box: Box): Promise<void> {
  box.memoryKills = await memoryKills(engine, box.containerId)
}
