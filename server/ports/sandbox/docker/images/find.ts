import type { Engine } from "../engine.ts"
import { fullName, type ImageName } from "./name.ts"
import { labels } from "../labels.ts"
import { EngineError } from "../to-engine-error.ts"

/** `acts`: it brings steps of its own into what is built from it. */
export interface Found {
  id: string
  acts: boolean
}

/**
 * An image that the engine has under this name; null when it has none. `foreign`: it was built for another project.
 * `projectId` null: named by the operator.
 */
export async function findImage(
  engine: Engine,
  name: ImageName,
  projectId: string | null,
): Promise<Found | "foreign" | null> {
  const local: ImageName = { ...name, domain: "localhost", path: name.path.replace(/^library\//, "") }
  // Podman keeps what was made on its own machine under `localhost/`.
  const names = engine.kind === "podman" && name.domain === "docker.io" ? [name, local] : [name]
  for (const one of names) {
    const found = await inspect(engine, one)
    if (found === null) continue
    if (projectId !== null && (found.owner ?? projectId) !== projectId) return "foreign"
    return found
  }
  return null
}

async function inspect(engine: Engine, name: ImageName): Promise<(Found & { owner: string | null }) | null> {
  try {
    // Always the whole name: an engine would take a short one for the first digits of an id.
    const { Id, Config } = await engine.call((docker) => docker.getImage(fullName(name)).inspect())
    const acts = (Config?.OnBuild ?? []).length > 0
    // Podman does not take its own ids with their prefix.
    const id = engine.kind === "podman" ? Id.replace("sha256:", "") : Id
    return { id, acts, owner: Config?.Labels?.[labels.project] ?? null }
  } catch (error) {
    if (error instanceof EngineError && error.kind === "missing") return null
    throw error
  }
}
