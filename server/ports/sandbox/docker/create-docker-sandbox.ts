import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Logger } from "pino"
import { Lines } from "../../../lib/lines.ts"
import { install } from "../install.ts"
import { Installed } from "../installed.ts"
import { Tail } from "../output.ts"
import {
  type ExecInput,
  type ImageSource,
  type Sandbox,
  SandboxError,
  type SandboxTarget,
  type StartInput,
} from "../port.ts"
import { noteMemoryKills, type RunningApp, startApp } from "./app.ts"
import { type Box, Boxes } from "./boxes.ts"
import type { ContainerLimits } from "./container.ts"
import { DiskWatch } from "./disk-watch.ts"
import type { Engine } from "./engine.ts"
import { insideEnvironment } from "./environment.ts"
import { execIn } from "./exec.ts"
import { createImages } from "./images.ts"
import { createNetworks } from "./network/create-networks.ts"
import { sweepEngine } from "./sweep-engine.ts"
import { EngineError } from "./to-engine-error.ts"
import { closeVolumes, unneededVolumes } from "./volumes.ts"
import { inWords } from "./words.ts"

/** What apps run in that name no image. */
const standardImage = "oven/bun:1.4.5"
const logBytes = 64 * 1024
/** Logs of apps that ended are kept for this many targets. */
const keptLogs = 200
/** A container without an app stays for the next command. */
const lingerMs = { draft: 60_000, live: 5_000, version: 5_000, build: 0 }
const graceMs = 1_500

interface DockerSandboxOptions {
  engine: Engine
  dataDir: string
  log: Logger
  /** One image for every app; null = the one its project names. */
  image: string | null
  egress: "open" | "registry" | "none"
  limits: ContainerLimits
  /** The server's environment; an app gets to know what `environment.ts` lists of it. */
  env?: Record<string, string | undefined>
}

/** Every draft, live app, version and build in a container of its own, on an engine that speaks Docker's API. */
export async function createDockerSandbox(options: DockerSandboxOptions): Promise<Sandbox> {
  const { engine, dataDir, log, limits, egress } = options
  const { env, registries } = insideEnvironment(options.env ?? Bun.env, egress)
  const images = createImages(engine, { override: options.image, standard: standardImage, limits, log })
  const closing = new AbortController()
  const proxyImage = () =>
    images.ensure(null, {
      projectId: "",
      root: dataDir,
      network: { networkMode: "none", env: {} },
      onProgress: () => {},
      signal: closing.signal,
    })
  const networks = createNetworks(engine, { egress, image: proxyImage, registries, log })
  const onError = (err: unknown) => log.error({ err }, "a container could not be removed")
  const cacheOf = (projectId: string) => join(dataDir, "cache", "projects", projectId)
  const boxes = new Boxes({ engine, images, networks, limits, cacheOf, env, onError })
  const apps = new Map<string, RunningApp>()
  const logs = new Map<string, Tail>()
  const installed = new Installed(join(dataDir, "cache", "prepared"))
  const preparing = new Lines()
  const jobs = new Set<Promise<unknown>>()
  let existingProjects: (ids: string[]) => Promise<ReadonlySet<string>> = async (ids) => new Set(ids)

  await mkdir(dataDir, { recursive: true })
  const foldersInUse = () => {
    const all = new Map<string, Set<string>>()
    for (const { target, volumes } of boxes.all) {
      const own = all.get(target.projectId) ?? new Set()
      for (const { folder } of volumes) own.add(folder)
      all.set(target.projectId, own)
    }
    return all
  }
  const disk = new DiskWatch(dataDir, limits.disk, foldersInUse, (projectId, words) => {
    log.warn({ projectId }, "a project takes more of the disk than it may")
    for (const box of boxes.all)
      if (box.target.projectId === projectId) void boxes.kill(box, words, "disk").catch(onError)
  })

  const key = ({ projectId, kind, ref }: SandboxTarget) => `${projectId}/${kind}/${ref}`
  const logOf = (target: SandboxTarget): Tail => {
    const tail = logs.get(key(target)) ?? new Tail(logBytes)
    logs.delete(key(target))
    logs.set(key(target), tail)
    for (const old of logs.keys()) {
      if (logs.size <= keptLogs) break
      if (!apps.has(old)) logs.delete(old)
    }
    return tail
  }
  /** Words for what the engine refused; the caller waits for it when the server ends. */
  const track = <T>(work: () => Promise<T>): Promise<T> => {
    const done = work().catch((error: unknown) => {
      throw inWords(error)
    })
    jobs.add(done)
    return done.finally(() => jobs.delete(done))
  }
  const untilClosing = (signal: AbortSignal) => AbortSignal.any([signal, closing.signal])

  /** Holds a container for a piece of work. Left-overs from a time when the engine was away go now that it answers. */
  async function inBox<T>(
    target: SandboxTarget,
    input: { root: string; dataDir: string; onProgress?: (words: string) => void; signal: AbortSignal },
    image: ImageSource | null,
    port: number | null,
    work: (box: Box) => Promise<T>,
  ): Promise<T> {
    const box = await boxes.hold({ ...input, target, image, port, onProgress: input.onProgress ?? (() => {}) })
    try {
      if (boxes.unsettled) void track(sweep).catch(onError)
      return await work(box)
    } finally {
      await boxes.release(box, lingerMs[target.kind])
    }
  }

  /** One after the other in a folder: a start and a command may both want it installed. */
  const prepareIn = (box: Box, target: SandboxTarget, input: Omit<StartInput, "onExit">) =>
    preparing.wait(input.root, async () => {
      const tail = logOf(target)
      await install(installed, {
        ...input,
        runtime: box.imageId,
        onOutput: (text) => tail.add(new TextEncoder().encode(text)),
        run: (command, more) =>
          execIn(engine, boxes, box, {
            ...more,
            command,
            env: input.app.env,
            maxOutputBytes: 64 * 1024,
            signal: input.signal,
          }),
      })
    })

  async function start(target: SandboxTarget, given: StartInput) {
    const running = apps.get(key(target))
    if (running) return running.endpoint
    const input = { ...given, signal: untilClosing(given.signal) }
    logs.delete(key(target))
    const { app } = input
    const box = await boxes.hold({ ...input, target, image: app.image, port: app.port })
    try {
      if (boxes.unsettled) void track(sweep).catch(onError)
      const problem = await disk.problem(box.volumes.map(({ folder }) => folder))
      if (problem !== null) throw new SandboxError(problem, "", "disk")
      await prepareIn(box, target, input)
      const entry = await startApp(engine, boxes, box, input, limits.memory, logOf(target))
      apps.set(key(target), entry)
      void entry.ended.then(async ({ reason, because }) => {
        if (apps.get(key(target)) !== entry) return
        apps.delete(key(target))
        given.onExit(reason, because)
        await noteMemoryKills(engine, box)
        await track(() => boxes.release(box, lingerMs[target.kind])).catch(onError)
      })
      return entry.endpoint
    } catch (error) {
      await boxes.release(box, lingerMs[target.kind]).catch(onError)
      throw error
    }
  }

  async function stop(target: SandboxTarget): Promise<void> {
    const entry = apps.get(key(target))
    if (entry === undefined) return
    apps.delete(key(target))
    // A command at work keeps the container; alone, the app ends with it.
    if (entry.box.users === 1) entry.box.endedBecause ??= { reason: "It was stopped.", because: "app" }
    else if (!(await entry.inside.end(graceMs))) await boxes.kill(entry.box, "It was stopped.")
    await boxes.release(entry.box, 0)
  }

  async function exec(target: SandboxTarget, input: ExecInput) {
    const signal = untilClosing(input.signal)
    const once = () =>
      inBox(target, { ...input, signal }, input.image, portFor(target), (box) =>
        execIn(engine, boxes, box, { ...input, signal }),
      )
    try {
      return await once()
    } catch (error) {
      // Its container went between the look and the command.
      if (error instanceof EngineError && ["missing", "conflict"].includes(error.kind)) return once()
      throw error
    }
  }

  async function sweep(): Promise<void> {
    boxes.unsettled = false
    await sweepEngine(engine, boxes, existingProjects)
    await networks.sweep()
    await images.sweep(existingProjects)
  }

  return {
    mode: "docker",
    isolation: "container",
    get warning() {
      return networks.warning
    },
    start: (target, input) => {
      if (closing.signal.aborted) return Promise.reject(new SandboxError("The server is stopping.", ""))
      return track(() => start(target, input))
    },
    prepare: (target, given) =>
      track(() => {
        const input = { ...given, signal: untilClosing(given.signal) }
        return inBox(target, input, input.app.image, input.app.port, (box) => prepareIn(box, target, input))
      }),
    endpoint: (target) => apps.get(key(target))?.endpoint ?? null,
    stop: (target) => track(() => stop(target)),
    exec: (target, input) => track(() => exec(target, input)),
    log: (target) => logs.get(key(target))?.text() ?? "",
    running: () => [...apps.values()].map(({ box }) => box.target),
    sweep: (existing) => {
      existingProjects = existing
      return track(async () => {
        await networks.start()
        await sweep()
        images.warmUp([options.image ?? standardImage])
      })
    },
    removeProject: (projectId) =>
      track(async () => {
        for (const [name, entry] of apps) if (entry.box.target.projectId === projectId) apps.delete(name)
        await boxes.close(projectId, "The project was removed.")
        await networks.close(projectId)
        await images.removeProject(projectId)
        await closeVolumes(engine, await unneededVolumes(engine, existingProjects, projectId))
        await rm(cacheOf(projectId), { recursive: true, force: true })
      }),
    close: async () => {
      closing.abort(new SandboxError("The server is stopping.", ""))
      apps.clear()
      await disk.close()
      await boxes.close(null, "The server is stopping.").catch(onError)
      await Promise.allSettled(jobs)
      images.end()
      await networks.end()
    },
    health: async () => (!closing.signal.aborted && (await engine.answers()) ? "healthy" : "unhealthy"),
  }
}

/** A command may come before the app; both want the same container. */
const portFor = (target: SandboxTarget): number | null => (target.kind === "build" ? null : 3000)
