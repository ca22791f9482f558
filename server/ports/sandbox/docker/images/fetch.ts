import { SandboxError } from "../../port.ts"
import type { Engine } from "../engine.ts"
import { badName, type NamedBy, ownRegistry } from "./error.ts"
import { findImage } from "./find.ts"
import { fullName, type ImageName, parseImageName } from "./name.ts"
import { pullImage, type PullLimits } from "./pull.ts"
import { leadsToServer } from "./registry.ts"
import { SharedWork, type Waiter } from "./shared.ts"

interface FetchOptions {
  /** Names that the operator gave: their registries may be anywhere. */
  operators: readonly (string | null)[]
  limits: PullLimits & {
    /** Pause after a failed pull before the same image is asked for again. */
    againMs: number
  }
}

/** Images by their names: looked up here, else fetched, each by one pull at a time for all who wait. */
export function createFetch(engine: Engine, { operators, limits }: FetchOptions) {
  const pulls = new SharedWork<string>()
  const failedAt = new Map<string, number>()
  const trusted = new Set(operators.map((name) => parseImageName(name ?? "")?.domain))

  /** Id of the image. `projectId` is that of who asks, null for the operator. */
  async function fetched(shown: string, by: NamedBy, projectId: string | null, waiter: Waiter): Promise<string> {
    const name = parseImageName(shown)
    if (name === null) throw badName(shown, by)
    const here = await findImage(engine, name, projectId)
    if (here === "foreign") throw badName(shown, by)
    if (here !== null) return here.id
    if (by === "project" && !trusted.has(name.domain) && (await leadsToServer(name.domain))) throw ownRegistry(shown)
    return pulls.join(fullName(name), waiter, (shared) => pull(name, shown, by, shared))
  }

  /** What a build begins with or copies from. */
  async function basis(shown: string, projectId: string, waiter: Waiter): Promise<void> {
    await fetched(shown, "project", projectId, waiter)
    const name = parseImageName(shown)
    const found = name === null ? null : await findImage(engine, name, projectId)
    if (found === null || found === "foreign") throw badName(shown, "project")
    if (found.acts) {
      throw new SandboxError(`The image ${shown} brings steps of its own (ONBUILD), which are not used here.`, "")
    }
  }

  async function pull(name: ImageName, shown: string, by: NamedBy, shared: Waiter): Promise<string> {
    const key = fullName(name)
    const pause = (failedAt.get(key) ?? 0) + limits.againMs - Date.now()
    if (pause > 0) await wait(pause, shared.signal)
    try {
      await pullImage(engine, name, shown, by, limits, shared)
      failedAt.delete(key)
    } catch (error) {
      if (failedAt.size > 1_000) failedAt.clear()
      if (!shared.signal.aborted) failedAt.set(key, Date.now())
      throw error
    }
    const found = await findImage(engine, name, null)
    if (found === null || found === "foreign") throw badName(shown, by)
    return found.id
  }

  return { fetched, basis }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true })
  })
}
