import { SandboxError } from "../../port.ts"
import type { Engine } from "../engine.ts"
import { labels, short } from "../labels.ts"
import { EngineError } from "../to-engine-error.ts"
import { badName } from "./error.ts"
import { findImage } from "./find.ts"
import { fullName, type ImageName, parseImageName } from "./name.ts"
import { imageLabels, repositoryOf } from "./of-project.ts"
import { type Login, pullImage, type PullLimits } from "./pull.ts"
import { SharedWork, type Waiter } from "./shared.ts"
import { removePushedImages } from "./sweep.ts"

const limits: PullLimits = { pullMs: 300_000, stallMs: 30_000 }
/** How an image was refused to whoever asked for it by name. */
const refused = /denied|unauthorized|authentication|forbidden|credentials/i

/** Images that checks pushed to the forge's registry, each fetched for one project. */
export function createPushedImages(engine: Engine, login: Login | null) {
  const works = new SharedWork<string>()

  /** As it is called here: under its own name every project could ask for it. */
  const nameHere = (projectId: string, image: string): ImageName => {
    const name = parseImageName(`${repositoryOf(engine, projectId)}:pushed-${short(image, 24)}`)
    if (name === null) throw badName(image, "checks")
    return name
  }

  const idOf = async (name: ImageName, projectId: string): Promise<string | null> => {
    const found = await findImage(engine, name, projectId)
    return found === null || found === "foreign" ? null : found.id
  }

  async function pull(name: ImageName, image: string, shared: Waiter): Promise<void> {
    try {
      await pullImage(engine, name, image, "checks", limits, shared, login)
    } catch (error) {
      if (login === null || !(error instanceof SandboxError) || !refused.test(error.log)) throw error
      // A public project needs no login, and a registry beside the forge may not know ours.
      await pullImage(engine, name, image, "checks", limits, shared)
    }
  }

  async function fetched(projectId: string, image: string, shared: Waiter): Promise<string> {
    const [name, here] = [parseImageName(image), nameHere(projectId, image)]
    if (name === null) throw badName(image, "checks")
    const before = await findImage(engine, name, null)
    await pull(name, image, shared)
    const found = await findImage(engine, name, null)
    if (found === null || found === "foreign") throw gone(image)
    await rename(engine, found.id, here, { ...imageLabels(engine.serverId, projectId), [labels.pushed]: image })
    // Somebody else's stays.
    if (before === null)
      await unless("missing", "conflict")(engine.call((one) => one.getImage(fullName(name)).remove()))
    const id = await idOf(here, projectId)
    if (id === null) throw gone(image)
    return id
  }

  return {
    /** Its id, fetched when it is not here. Throws `SandboxError` or `EngineError`. */
    ensure: async (projectId: string, image: string, waiter: Waiter): Promise<string> => {
      const here = nameHere(projectId, image)
      const id = await idOf(here, projectId)
      return id ?? works.join(fullName(here), waiter, (shared) => fetched(projectId, image, shared))
    },
    /** What the image starts by itself, as a line for a shell. */
    commandOf: async (id: string): Promise<string> => {
      const { Config } = await engine.call((docker) => docker.getImage(id).inspect())
      const words = [Config?.Entrypoint ?? [], Config?.Cmd ?? []].flat()
      if (words.length === 0) throw new SandboxError("Nothing says how to start what is in the image of this app.", "")
      return `exec ${words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ")}`
    },
    keep: (projectId: string, images: readonly string[]) => removePushedImages(engine, projectId, images),
    get busy(): boolean {
      return works.size > 0
    },
  }
}

/**
 * Gives it a name and labels of ours. Nothing of it is run: not even the steps that an image may bring for what is built
 * on it.
 */
async function rename(engine: Engine, id: string, name: ImageName, own: Record<string, string>): Promise<void> {
  const { Config } = await engine.call((docker) => docker.getImage(id).inspect())
  const idle = (Config?.Cmd ?? Config?.Entrypoint ?? []).length === 0
  const options = { Image: id, Labels: own, ...(idle ? { Cmd: ["/bin/sh"] } : {}) }
  const container = await engine.call((docker) => docker.createContainer(options))
  try {
    const repo = name.domain === "docker.io" ? name.path.replace(/^library\//, "") : `${name.domain}/${name.path}`
    await engine.call(() => container.commit({ repo, tag: name.tag, pause: false }))
  } finally {
    await unless("missing", "conflict")(engine.call(() => container.remove({ force: true, v: true })))
  }
}

const gone = (image: string) => new SandboxError(`The image ${image} was fetched and is gone again.`, "", "unavailable")

const unless =
  (...kinds: EngineError["kind"][]) =>
  async (work: Promise<unknown>): Promise<void> => {
    try {
      await work
    } catch (error) {
      if (!(error instanceof EngineError) || !kinds.includes(error.kind)) throw error
    }
  }
