import { createHash } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Logger } from "pino"
import { Lines } from "../../../lib/lines.ts"
import { Installed } from "../installed.ts"
import { Logs } from "../logs.ts"
import {
  type Endpoint,
  type ExecInput,
  type Sandbox,
  SandboxError,
  type SandboxTarget,
  type StartInput,
} from "../port.ts"
import { targetKey } from "../target-key.ts"
import { type RunningApp, startApp } from "./app.ts"
import { exec } from "./exec.ts"
import { isolate } from "./isolate.ts"
import type { Isolation, JobInput } from "./job.ts"
import { prepare } from "./prepare.ts"
import { sweep } from "./sweep.ts"

/** An app that is put to sleep may finish what it writes. */
const graceMs = 1_500

interface ProcessSandboxOptions {
  dataDir: string
  log: Logger
  /** The server's environment; an app gets to know what `environment.ts` lists of it. */
  env?: Record<string, string | undefined>
  /** For tests: this isolation or none. */
  isolation?: Isolation["kind"]
}

interface Entry {
  target: SandboxTarget
  app: RunningApp
}

/** Apps and commands as processes of this machine, each in the strongest wall that works here. */
export async function createProcessSandbox(options: ProcessSandboxOptions): Promise<Sandbox> {
  const { dataDir, log } = options
  const isolation = await isolate({ dataDir, env: options.env ?? Bun.env, force: options.isolation })
  const serverMarker = createHash("sha256").update(dataDir).digest("hex").slice(0, 16)
  const guard = isolation.dieTogether ? null : startGuard(serverMarker, dataDir)
  const apps = new Map<string, Entry>()
  const logs = new Logs((key) => apps.has(key))
  const jobs = new Set<Promise<unknown>>()
  const closing = new AbortController()

  const track = <T>(work: Promise<T>): Promise<T> => {
    jobs.add(work)
    return work.finally(() => jobs.delete(work))
  }
  const jobOf = (
    target: SandboxTarget,
    input: { root: string; dataDir: string },
  ): Omit<JobInput, "command" | "env"> => ({
    root: input.root,
    dataDir: input.dataDir,
    identity: { type: "project", name: `${target.projectId} ${target.kind === "build" ? target.ref : target.kind}` },
    cache: "read",
    marker: `${serverMarker}/${targetKey(target)}/${crypto.randomUUID()}`,
  })

  const installed = new Installed(join(dataDir, "cache", "prepared"))
  const preparing = new Lines()

  /** One after the other in a folder: a start and a command may both want it installed. */
  const prepareApp = (target: SandboxTarget, input: Omit<StartInput, "onExit">) =>
    preparing.wait(input.root, () => prepareNow(target, input))

  const prepareNow = async (target: SandboxTarget, input: Omit<StartInput, "onExit">) => {
    await mkdir(input.dataDir, { recursive: true })
    const tail = logs.of(target)
    await prepare({
      ...input,
      isolation,
      installed,
      marker: jobOf(target, input).marker,
      onOutput: (text) => tail.add(new TextEncoder().encode(text)),
    })
  }

  const watchEnd = async (entry: Entry, onExit: StartInput["onExit"]) => {
    const code = await entry.app.job.exited
    if (apps.get(targetKey(entry.target)) !== entry) return
    apps.delete(targetKey(entry.target))
    onExit(
      code === null
        ? "It was ended from outside, perhaps because memory ran out."
        : `It ended by itself with code ${code}.`,
      "app",
    )
  }

  const start = async (target: SandboxTarget, input: StartInput): Promise<Endpoint> => {
    const running = apps.get(targetKey(target))
    if (running) return running.app.endpoint
    logs.forget(target)
    const signal = AbortSignal.any([input.signal, closing.signal])
    await prepareApp(target, { ...input, signal })
    const tail = logs.of(target)
    const app = await startApp(isolation, jobOf(target, input), { ...input, signal }, tail)
    const entry = { target, app }
    apps.set(targetKey(target), entry)
    void watchEnd(entry, input.onExit)
    return app.endpoint
  }

  const stop = async (target: SandboxTarget): Promise<void> => {
    const entry = apps.get(targetKey(target))
    if (!entry) return
    apps.delete(targetKey(target))
    await entry.app.job.endSoftly(graceMs)
  }

  if (isolation.warning) log.warn({ isolation: isolation.kind }, isolation.warning)

  return {
    mode: "process",
    pushed: null,
    isolation: isolation.kind,
    warning: isolation.warning,
    start: (target, input) => {
      if (closing.signal.aborted) return Promise.reject(new SandboxError("The server is stopping.", ""))
      return track(start(target, input))
    },
    prepare: (target, input) =>
      track(prepareApp(target, { ...input, signal: AbortSignal.any([input.signal, closing.signal]) })),
    endpoint: (target) => apps.get(targetKey(target))?.app.endpoint ?? null,
    stop: (target) => track(stop(target)),
    exec: (target, input: ExecInput) =>
      track(
        (async () => {
          await mkdir(input.dataDir, { recursive: true })
          return exec(isolation, jobOf(target, input), {
            ...input,
            signal: AbortSignal.any([input.signal, closing.signal]),
          })
        })(),
      ),
    log: (target) => logs.text(target),
    running: () => [...apps.values()].map((entry) => entry.target),
    sweep: () => sweep(serverMarker, dataDir),
    removeProject: async (projectId) => {
      const own = [...apps.values()].filter(({ target }) => target.projectId === projectId)
      await Promise.all(own.map(({ target }) => track(stop(target))))
    },
    close: async () => {
      closing.abort(new SandboxError("The server is stopping.", ""))
      await Promise.all([...apps.values()].map((entry) => stop(entry.target)))
      await Promise.allSettled(jobs)
      guard?.kill()
      await guard?.exited
    },
    health: () => Promise.resolve(closing.signal.aborted ? "unhealthy" : "healthy"),
  }
}

function startGuard(serverMarker: string, dataDir: string) {
  const guard = Bun.spawn([process.execPath, join(import.meta.dir, "guard.ts"), serverMarker, dataDir], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  })
  // It waits for our end, not we for its.
  guard.unref()
  return guard
}
