import type { Logger } from "pino"
import { Lines } from "../../../../lib/lines.ts"
import { type ImageSource, SandboxError } from "../../port.ts"
import type { Engine } from "../engine.ts"
import { buildImage, type BuildNetwork } from "./build.ts"
import { contextHash, dockerfileOf, pathInside } from "./context.ts"
import { readDockerfile } from "./dockerfile.ts"
import { engineTrouble } from "./error.ts"
import { createFetch } from "./fetch.ts"
import { findImage } from "./find.ts"
import { repositoryOf } from "./of-project.ts"
import { parseImageName } from "./name.ts"
import type { Login } from "./pull.ts"
import { createPushedImages } from "./pushed.ts"
import { SharedWork, type Waiter } from "./shared.ts"
import { removeImages, removeOldImages, sweepImages } from "./sweep.ts"

export interface ImagesOptions {
  /** Image for everything, whatever projects name; null = as they say. */
  override: string | null
  /** For projects that name none. */
  standard: string
  /** Of a build: bytes and processors. */
  limits: { memory: number; cpus: number }
  buildMs?: number
  pullMs?: number
  /** A pull that gets nothing new for so long has failed. */
  stallMs?: number
  /** Pause after a failed pull before the same image is asked for again. */
  againMs?: number
  /** For the registry of the forge. */
  login?: Login | null
  log?: Pick<Logger, "info" | "warn">
}

export interface EnsureInput extends Waiter {
  projectId: string
  /** Folder of the project's files, for a Dockerfile. */
  root: string
  /** For the steps of a build. */
  network: BuildNetwork
}

export interface Images {
  /**
   * Id of the image to make containers from: looked up, fetched or built. Throws `SandboxError` with words and a next
   * step, or the signal's reason.
   */
  ensure(source: ImageSource | null, input: EnsureInput): Promise<string>
  /** What checks pushed. */
  readonly pushed: ReturnType<typeof createPushedImages>
  removeProject(projectId: string): Promise<void>
  /** Removes images of projects that are gone, and what builds left. Safe at any time. */
  sweep(existing: (projectIds: string[]) => Promise<ReadonlySet<string>>): Promise<void>
  /** Fetches images that will be wanted, without anybody waiting; failures are logged. */
  warmUp(names: readonly string[]): void
  /** Ends what `warmUp` began. */
  end(): void
}

type DockerfileSource = Extract<ImageSource, { type: "dockerfile" }>

/** Images of apps: those that an engine has, fetches from a registry, or builds from a project's own Dockerfile. */
export function createImages(engine: Engine, options: ImagesOptions): Images {
  const { buildMs = 600_000, pullMs = 600_000, stallMs = 60_000, againMs = 5_000 } = options
  const builds = new SharedWork<string>()
  /** One build of a project at a time. */
  const lines = new Lines()
  const usedAt = new Map<string, number>()
  const ending = new AbortController()
  const pushed = createPushedImages(engine, options.login ?? null)
  const operators = [options.override, options.standard]
  const { fetched: named, basis } = createFetch(engine, { operators, limits: { pullMs, stallMs, againMs } })

  async function built(source: DockerfileSource, input: EnsureInput): Promise<string> {
    const { projectId, root, network } = input
    const dockerfile = pathInside(source.dockerfile)
    const folder = pathInside(source.context)
    const bytes = dockerfileOf(root, dockerfile)
    const { images, stageLines, takesFiles } = readDockerfile(bytes, dockerfile, { ...source.args, ...network.env })
    const text = new TextDecoder().decode(bytes)
    const { target, args } = source
    const context = takesFiles ? folder : null
    const tag = `${repositoryOf(engine, projectId)}:${await contextHash(root, context, { text, args, target })}`
    if (usedAt.size > 10_000) usedAt.clear()
    usedAt.set(tag, Date.now())
    const name = parseImageName(tag)
    if (name === null) throw new SandboxError("The image of this app cannot be named.", "")
    const there = async () => {
      const image = await findImage(engine, name, projectId)
      return image === null || image === "foreign" ? null : image.id
    }
    const work = { projectId, root, dockerfile, context, text, stageLines, target, args, tag, network }
    return (
      (await there()) ??
      builds.join(tag, input, (shared) =>
        lines.wait(projectId, async () => {
          shared.signal.throwIfAborted()
          for (const base of images) await basis(base, projectId, shared)
          await buildImage(engine, { ...work, limits: options.limits, buildMs }, shared)
          const id = await there()
          if (id === null)
            throw new SandboxError("The image of this app was built and is gone again.", "", "unavailable")
          await removeOldImages(engine, projectId, usedAt).catch((error: unknown) => {
            options.log?.warn({ err: error }, "old images stay")
          })
          return id
        }),
      )
    )
  }

  const source = (given: ImageSource | null, input: EnsureInput): Promise<string> => {
    if (options.override !== null) return named(options.override, "operator", null, input)
    if (given === null) return named(options.standard, "operator", null, input)
    return given.type === "name" ? named(given.name, "project", input.projectId, input) : built(given, input)
  }

  return {
    ensure: async (given, input) => {
      input.signal.throwIfAborted()
      try {
        return await source(given, input)
      } catch (error) {
        input.signal.throwIfAborted()
        throw engineTrouble("The image of this app is not ready", error)
      }
    },
    pushed,
    removeProject: (projectId) => removeImages(engine, projectId),
    sweep: (existing) => sweepImages(engine, existing, () => builds.size > 0 || pushed.busy),
    warmUp: (names) => {
      const waiter = { onProgress: () => {}, signal: ending.signal }
      void (async () => {
        for (const name of new Set(names)) {
          await named(name, "operator", null, waiter).catch((error: unknown) => {
            if (!ending.signal.aborted) options.log?.warn({ err: error, image: name }, "an image is not ready yet")
          })
        }
      })()
    },
    end: () => ending.abort(),
  }
}
