import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Logger } from "pino"
import { Installed } from "../installed.ts"
import {
  type Endpoint,
  type ExecInput,
  type ExecResult,
  type PushedImages,
  type PushedInput,
  type Sandbox,
  SandboxError,
  type SandboxTarget,
  type StartInput,
} from "../port.ts"
import { Apps } from "./apps.ts"
import { Boxes } from "./boxes.ts"
import type { ContainerLimits } from "./container.ts"
import { DiskWatch } from "./disk-watch.ts"
import type { Engine } from "./engine.ts"
import { insideEnvironment } from "./environment.ts"
import { execIn } from "./exec.ts"
import { createImages } from "./images/create-images.ts"
import type { Login } from "./images/pull.ts"
import { createNetworks } from "./network/create-networks.ts"
import { sweepCaches } from "./sweep-caches.ts"
import { sweepEngine } from "./sweep-engine.ts"
import { EngineError } from "./to-engine-error.ts"
import { closeVolumes, unneededVolumes } from "./volumes.ts"
import { inWords } from "./words.ts"

/** What apps run in that name no image. */
const standardImage = "oven/bun:1.4.5"
const usualPort = 3000

interface DockerSandboxOptions {
  engine: Engine
  dataDir: string
  log: Logger
  /** One image for every app; null = the one its project names. */
  image: string | null
  /** For the registry of the forge. */
  login?: Login | null
  egress: "open" | "registry" | "none"
  limits: ContainerLimits
  /** All folders that belong to a project: what it takes of the disk, also while it sleeps. */
  foldersOf?: (projectId: string) => string[]
  /** The server's environment; an app gets to know what `environment.ts` lists of it. */
  env?: Record<string, string | undefined>
}

/** Every draft, live app, version and build in a container of its own, on an engine that speaks Docker's API. */
export async function createDockerSandbox(options: DockerSandboxOptions): Promise<Sandbox> {
  const { engine, dataDir, log, limits, egress, foldersOf = () => [] } = options
  const { env, registries } = insideEnvironment(options.env ?? Bun.env, egress)
  const closing = new AbortController()
  const jobs = new Set<Promise<unknown>>()
  const onError = (err: unknown) => log.error({ err }, "a container could not be ended well")
  const cacheOf = (projectId: string) => join(dataDir, "cache", "projects", projectId)
  let existingProjects: (ids: string[]) => Promise<ReadonlySet<string>> = async (ids) => new Set(ids)
  await mkdir(dataDir, { recursive: true })

  const images = createImages(engine, {
    override: options.image,
    standard: standardImage,
    limits,
    login: options.login ?? null,
    log,
  })
  const proxyImage = () => images.ensure(null, { ...nobody, root: dataDir, signal: closing.signal })
  const networks = createNetworks(engine, { egress, image: proxyImage, registries, log })
  // What was left from a time when the engine was away goes as soon as it answers again.
  const onSettle = () => void track(sweep).catch(onError)
  const boxes = new Boxes({ engine, images, networks, limits, cacheOf, env, onError, onSettle })
  const disk = new DiskWatch(
    dataDir,
    limits.disk,
    () => boxes.folders(foldersOf),
    (projectId, words) => {
      log.warn({ projectId }, "a project takes more of the disk than it may")
      const own = boxes.all.filter(({ target }) => target.projectId === projectId)
      for (const box of own) void boxes.kill(box, words, "disk").catch(onError)
    },
  )
  const installed = new Installed(join(dataDir, "cache", "prepared"))
  const apps = new Apps({ engine, boxes, disk, installed, foldersOf, memory: limits.memory, onError })

  /** Words for what the engine refused; the end of the server waits for it. */
  const track = <T>(work: () => Promise<T>): Promise<T> => {
    const done = work().catch((error: unknown) => {
      throw inWords(error)
    })
    jobs.add(done)
    return done.finally(() => jobs.delete(done))
  }
  const untilClosing = <T extends { signal: AbortSignal }>(input: T): T => ({
    ...input,
    signal: AbortSignal.any([input.signal, closing.signal]),
  })

  async function prepare(target: SandboxTarget, input: Omit<StartInput, "onExit">): Promise<void> {
    const { image, port } = input.app
    await boxes.use({ ...input, target, image, port }, (box) => apps.prepare(box, input))
  }

  async function startPushed(target: SandboxTarget, input: PushedInput): Promise<Endpoint> {
    const imageId = await images.pushed.ensure(target.projectId, input.image, input)
    return apps.startPushed(target, input, imageId, input.app.command ?? (await images.pushed.commandOf(imageId)))
  }

  const pushed: PushedImages = {
    fetch: (target, input) =>
      track(async () => void (await images.pushed.ensure(target.projectId, input.image, untilClosing(input)))),
    start: (target, input) => {
      if (closing.signal.aborted) return Promise.reject(new SandboxError("The server is stopping.", ""))
      return track(() => startPushed(target, untilClosing(input)))
    },
    keep: (projectId, kept) => track(() => images.pushed.keep(projectId, kept)),
  }

  async function exec(target: SandboxTarget, input: ExecInput): Promise<ExecResult> {
    const { onProgress = () => {} } = input
    // A command may come before the app; both want the same container.
    const port = target.kind === "build" ? null : usualPort
    const once = () =>
      boxes.use({ ...input, target, port, onProgress }, (box) => execIn(engine, boxes, box, limits.memory, input))
    try {
      return await once()
    } catch (error) {
      // Its container went between the look and the command.
      if (error instanceof EngineError && ["missing", "conflict"].includes(error.kind)) return once()
      throw error
    }
  }

  async function removeTraces(projectId: string): Promise<void> {
    await boxes.close(projectId, "The project was removed.")
    await networks.close(projectId)
    await images.removeProject(projectId)
    await closeVolumes(engine, await unneededVolumes(engine, existingProjects, projectId))
  }

  async function sweep(): Promise<void> {
    boxes.unsettled = false
    await sweepEngine(engine, boxes, existingProjects)
    await networks.sweep()
    await images.sweep(existingProjects)
    await sweepCaches(join(dataDir, "cache", "projects"), existingProjects)
  }

  return {
    mode: "docker",
    isolation: "container",
    pushed,
    get warning() {
      return networks.warning
    },
    isApp: (address) => networks.isApp(address),
    start: (target, input) => {
      if (closing.signal.aborted) return Promise.reject(new SandboxError("The server is stopping.", ""))
      return track(() => apps.start(target, untilClosing(input)))
    },
    prepare: (target, input) => track(() => prepare(target, untilClosing(input))),
    endpoint: (target) => apps.endpoint(target),
    stop: (target) => track(() => apps.stop(target)),
    exec: (target, input) => track(() => exec(target, untilClosing(input))),
    log: (target) => apps.logs.text(target),
    running: () => apps.running(),
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
        apps.forget(projectId)
        await removeTraces(projectId).catch((error: unknown) => {
          if (!(error instanceof EngineError) || error.kind !== "away") throw error
          // A project that is gone is swept when the engine is back.
          boxes.unsettled = true
        })
        await rm(cacheOf(projectId), { recursive: true, force: true })
      }),
    close: async () => {
      closing.abort(new SandboxError("The server is stopping.", ""))
      apps.forget(null)
      await disk.close()
      await boxes.close(null, "The server is stopping.").catch(onError)
      await Promise.allSettled(jobs)
      images.end()
      await networks.end()
    },
    health: async () => (!closing.signal.aborted && (await engine.answers()) ? "healthy" : "unhealthy"),
  }
}

/** Whoever asks for an image that is not for a project. */
const nobody = { projectId: "", network: { networkMode: "none", env: {} }, onProgress: () => {} }
