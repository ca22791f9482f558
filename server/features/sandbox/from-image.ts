import type { Services } from "../../context.ts"
import { type Endpoint, SandboxError, type StartInput } from "../../ports/sandbox/port.ts"
import { pushedImages } from "../build/pushed-images.ts"
import { devcontainerPath } from "./devcontainer-file.ts"
import { readPushedSpec } from "./devcontainer.ts"
import { dataDirOf } from "./source.ts"
import type { AppTarget } from "./target.ts"

/** An image that did not work is not tried at each visit. */
const restMs = 600_000
const mostRemembered = 1_000

/** An app that runs from its image; or why it cannot, so that it has to run from the files of its commit. */
export type FromImage = { endpoint: Endpoint } | { why: string | null }

/** Live apps that run from the image that their checks pushed: what was checked is what runs, nothing is built again. */
export class PushedApps {
  readonly #failed = new Map<string, { why: string; at: number }>()

  constructor(private readonly services: Services) {}

  /** `why` null: this app has no image. Throws only the reason of an aborted signal. */
  async start(target: AppTarget, hooks: Pick<StartInput, "onProgress" | "onExit" | "signal">): Promise<FromImage> {
    const { sandbox, config, repository } = this.services
    const { pushed } = sandbox
    const image = await this.#imageOf(target)
    if (pushed === null || image === null) return { why: null }
    const failed = this.#failed.get(image)
    if (failed !== undefined && Date.now() - failed.at < restMs) return { why: failed.why }
    try {
      const file = await repository.read(target.projectId, target.ref, devcontainerPath)
      const app = readPushedSpec(file === null ? "" : new TextDecoder().decode(file))
      const endpoint = await pushed.start(target, { ...hooks, image, app, dataDir: dataDirOf(config, target) })
      this.#failed.delete(image)
      return { endpoint }
    } catch (error) {
      hooks.signal.throwIfAborted()
      return { why: await this.#note(target, image, error) }
    }
  }

  /** Fetches the image, so that the app starts at once later; false: there is none that works. */
  async prepare(target: AppTarget, signal: AbortSignal): Promise<boolean> {
    const { pushed } = this.services.sandbox
    const image = await this.#imageOf(target)
    if (pushed === null || image === null) return false
    try {
      await pushed.fetch(target, { image, onProgress: () => {}, signal })
      return true
    } catch (error) {
      signal.throwIfAborted()
      await this.#note(target, image, error)
      return false
    }
  }

  /** Images of the project that none of these needs go from the engine. */
  async keep(projectId: string, targets: readonly AppTarget[]): Promise<void> {
    const { pushed } = this.services.sandbox
    if (pushed === null) return
    const images = await pushedImages(this.services, projectId, [...new Set(targets.map(({ ref }) => ref))])
    await pushed.keep(projectId, [...images.values()])
  }

  async #imageOf({ projectId, kind, ref }: AppTarget): Promise<string | null> {
    if (kind !== "live" || this.services.sandbox.pushed === null) return null
    return (await pushedImages(this.services, projectId, [ref])).get(ref) ?? null
  }

  async #note(target: AppTarget, image: string, err: unknown): Promise<string> {
    const reason = err instanceof SandboxError ? err.reason : "Something went wrong on our side."
    const why = `It runs from its files, because its image does not work here. ${reason}`
    if (this.#failed.size > mostRemembered) this.#failed.clear()
    // What runs containers may be back at any moment, and the image is as good as before.
    if ((await this.services.sandbox.health()) === "healthy") this.#failed.set(image, { why, at: Date.now() })
    this.services.log.warn({ err, image, ...target }, "a live app runs from its commit and not from its image")
    return why
  }
}
