import { Lines } from "../../../lib/lines.ts"
import type { EndCause, Endpoint, ImageSource, SandboxTarget } from "../port.ts"
import { type ContainerLimits, endContainer, removeContainer, startContainer } from "./container.ts"
import type { Engine } from "./engine.ts"
import type { Images } from "./images/create-images.ts"
import type { Networks } from "./network/networks.ts"
import { EngineError } from "./to-engine-error.ts"
import { closeVolumes, openVolume, type Volume } from "./volumes.ts"

/** A container that nobody uses stays so long for whoever comes back. */
export const lingerMs = { draft: 60_000, live: 5_000, version: 5_000, build: 0 } as const

/** A running container with what keeps it up. */
export interface Box {
  readonly key: string
  readonly target: SandboxTarget
  readonly containerId: string
  readonly imageId: string
  readonly port: number | null
  /** Where the app's port can be reached. */
  readonly endpoint: Endpoint | null
  readonly volumes: Volume[]
  /** Apps and commands in it. */
  users: number
  /** Why we ended it under them. */
  endedBecause: { reason: string; because: EndCause } | null
  /** Processes that the kernel ended in it for want of memory, as far as they are known. */
  memoryKills: number
  linger: ReturnType<typeof setTimeout> | null
}

/** The app's files, and what they run in; without a folder of files they are in the image of this id. */
type BoxFiles = { root: string; image: ImageSource | null } | { root: null; imageId: string }

export type BoxInput = BoxFiles & {
  target: SandboxTarget
  dataDir: string
  port: number | null
  onProgress: (words: string) => void
  signal: AbortSignal
}

interface Options {
  engine: Engine
  images: Images
  networks: Networks
  limits: ContainerLimits
  /** Folder of the package cache of a project. */
  cacheOf: (projectId: string) => string
  /** Variables of every process inside. */
  env: Record<string, string>
  onError: (error: unknown) => void
  /** The engine answers again, and something from before is still to be removed. */
  onSettle: () => void
}

/** The containers of this server: one a target, up while somebody holds it. */
export class Boxes {
  readonly #boxes = new Map<string, Box>()
  readonly #lines = new Lines()
  readonly #networkLines = new Lines()
  /** Boxes of each project that need its network. */
  readonly #onNetwork = new Map<string, number>()
  #opening = 0
  /** Something could not be removed because the engine was away. */
  unsettled = false

  constructor(private readonly options: Options) {}

  get all(): Box[] {
    return [...this.#boxes.values()]
  }

  /** Folders of each project that runs: those that are in use, and what else belongs to it. */
  folders(more: (projectId: string) => string[]): Map<string, Set<string>> {
    const all = new Map<string, Set<string>>()
    for (const { target, volumes } of this.all) {
      const own = all.get(target.projectId) ?? new Set(more(target.projectId))
      for (const { folder } of volumes) own.add(folder)
      all.set(target.projectId, own)
    }
    return all
  }

  /** Containers are being made, whose ids nobody knows yet. */
  get isOpening(): boolean {
    return this.#opening > 0
  }

  /** A container for this target, made when there is none that lives; `release` it. Throws `EngineError` or `SandboxError`. */
  hold(input: BoxInput): Promise<Box> {
    const key = keyOf(input)
    return this.#lines.wait(key, async () => {
      const known = this.#boxes.get(key)
      if (known !== undefined) {
        if (await this.#fits(known, input)) {
          this.#stay(known)
          return known
        }
        await this.#remove(known, true)
      }
      const box = await this.#open(key, input)
      this.#boxes.set(key, box)
      if (this.unsettled) this.options.onSettle()
      return box
    })
  }

  /** Holds a container for a piece of work. */
  async use<T>(input: BoxInput, work: (box: Box) => Promise<T>): Promise<T> {
    const box = await this.hold(input)
    try {
      return await work(box)
    } finally {
      await this.release(box, lingerMs[input.target.kind])
    }
  }

  /** The last one to release it ends the container, after a while in which somebody may come back. */
  async release(box: Box, lingerMs: number): Promise<void> {
    box.users--
    if (box.users > 0) return
    if (box.linger !== null) clearTimeout(box.linger)
    box.linger = null
    if (lingerMs === 0) return this.#removeUnused(box)
    box.linger = setTimeout(() => void this.#removeUnused(box).catch(this.options.onError), lingerMs)
    box.linger.unref()
  }

  /** Ends a container under whoever uses it; `reason` is what they are told. */
  async kill(box: Box, reason: string, because: EndCause = "app"): Promise<void> {
    box.endedBecause ??= { reason, because }
    try {
      await removeContainer(this.options.engine, box.containerId)
    } catch (error) {
      this.unsettled = true
      if (!(error instanceof EngineError) || error.kind !== "away") throw error
    }
  }

  /** Ends all of a project, or all. */
  async close(projectId: string | null, reason: string): Promise<void> {
    const own = this.all.filter((box) => projectId === null || box.target.projectId === projectId)
    await Promise.all(
      own.map((box) => {
        box.endedBecause ??= { reason, because: "app" }
        return this.#lines.wait(box.key, () => this.#remove(box, false))
      }),
    )
  }

  #removeUnused(box: Box): Promise<void> {
    return this.#lines.wait(box.key, async () => {
      if (box.users === 0) await this.#remove(box, false)
    })
  }

  #stay(box: Box): void {
    box.users++
    if (box.linger !== null) clearTimeout(box.linger)
    box.linger = null
  }

  /** Lives, and is made from what is wanted; while others use it, it stays what it is. */
  async #fits(box: Box, input: BoxInput): Promise<boolean> {
    const { engine } = this.options
    if (box.endedBecause !== null) return false
    try {
      const { State } = await engine.call((docker) => docker.getContainer(box.containerId).inspect())
      if (!State.Running) return false
    } catch (error) {
      if (error instanceof EngineError && error.kind === "missing") return false
      throw error
    }
    if (box.users > 0) return true
    return box.port === input.port && (await this.#imageOf(input)) === box.imageId
  }

  async #imageOf(input: BoxInput): Promise<string> {
    if (input.root === null) return input.imageId
    const { images, networks } = this.options
    const { projectId } = input.target
    const network = await networks.open(projectId)
    return images.ensure(input.image, {
      projectId,
      root: input.root,
      network: { networkMode: network.name, env: network.env },
      onProgress: input.onProgress,
      signal: input.signal,
    })
  }

  async #open(key: string, input: BoxInput): Promise<Box> {
    const { engine, networks, limits, cacheOf, env } = this.options
    const { target, root, dataDir, signal } = input
    const { projectId } = target
    const openAt = async (place: string, owner: Parameters<typeof openVolume>[1], folder: string) =>
      [place, await openVolume(engine, owner, folder)] as const
    this.#opening++
    await this.#networkLines.wait(projectId, async () => {
      this.#onNetwork.set(projectId, (this.#onNetwork.get(projectId) ?? 0) + 1)
    })
    try {
      const image = await this.#imageOf(input)
      const network = await networks.open(projectId)
      const places = await Promise.all([
        ...(root === null ? [] : [openAt("/workspace", target, root)]),
        openAt("/data", target, dataDir),
        openAt("/cache", { projectId }, cacheOf(projectId)),
      ])
      signal.throwIfAborted()
      const started = await startContainer(engine, {
        target,
        image,
        network,
        volumes: Object.fromEntries(places.map(([place, { name }]) => [place, name])),
        workdir: root === null ? null : "/workspace",
        env: { ...env, ...network.env },
        port: input.port,
        limits,
      })
      return {
        key,
        target,
        containerId: started.id,
        imageId: image,
        port: input.port,
        endpoint: started.endpoint,
        volumes: places.map(([, volume]) => volume),
        users: 1,
        endedBecause: null,
        memoryKills: 0,
        linger: null,
      }
    } catch (error) {
      // What it was asked for may yet come to be.
      if (error instanceof EngineError && error.kind === "away") this.unsettled = true
      await this.#leaveNetwork(projectId)
      throw error
    } finally {
      this.#opening--
    }
  }

  /** Its volumes stay, but those that nothing else will ever ask for. */
  async #remove(box: Box, atOnce: boolean): Promise<void> {
    if (this.#boxes.get(box.key) !== box) return
    this.#boxes.delete(box.key)
    const { engine } = this.options
    const { kind, projectId } = box.target
    try {
      await (atOnce ? removeContainer(engine, box.containerId) : endContainer(engine, box.containerId))
      if (kind === "build") await closeVolumes(engine, [box.volumes[0]!.name, box.volumes[1]!.name])
    } catch (error) {
      this.unsettled = true
      if (!(error instanceof EngineError) || error.kind !== "away") throw error
    } finally {
      await this.#leaveNetwork(projectId)
    }
  }

  #leaveNetwork(projectId: string): Promise<void> {
    return this.#networkLines.wait(projectId, async () => {
      const count = (this.#onNetwork.get(projectId) ?? 1) - 1
      if (count > 0) return void this.#onNetwork.set(projectId, count)
      this.#onNetwork.delete(projectId)
      await this.options.networks.close(projectId).catch((error: unknown) => {
        this.unsettled = true
        if (!(error instanceof EngineError) || error.kind !== "away") this.options.onError(error)
      })
    })
  }
}

/** Jobs of a build run beside each other, each in a folder and a container of its own. */
const keyOf = ({ target: { projectId, kind, ref }, root }: BoxInput): string =>
  `${projectId}/${kind}/${ref}${kind === "build" ? `/${root}` : ""}`
