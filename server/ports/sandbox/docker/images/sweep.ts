import type { Engine } from "../engine.ts"
import { imageKind } from "./of-project.ts"
import { labelFilter, labels } from "../labels.ts"
import { EngineError } from "../to-engine-error.ts"

/** A project's draft and its last versions may each have an image of its own. */
const keptImages = 4

interface Built {
  id: string
  tags: string[]
  projectId: string
  /** The name that it was fetched by; null: built here. */
  pushed: string | null
  madeAt: number
}

async function built(engine: Engine, projectId?: string): Promise<Built[]> {
  const list = await engine.call((docker) =>
    docker.listImages({ filters: JSON.stringify(labelFilter(engine.serverId)) }),
  )
  const all = list.map(({ Id, RepoTags, Labels, Created }) => ({
    // Podman does not take its own ids with their prefix.
    id: Id.replace("sha256:", ""),
    tags: (RepoTags ?? []).filter((tag) => tag !== "<none>:<none>"),
    projectId: Labels?.[labels.project] ?? "",
    pushed: Labels?.[labels.pushed] ?? null,
    madeAt: Created,
  }))
  // Here and not by the engine: Podman finds nothing by two labels at once.
  return projectId === undefined ? all : all.filter((one) => one.projectId === projectId)
}

/** Removes all images of a project; those that a container still uses go with the next sweep. */
export async function removeImages(engine: Engine, projectId: string): Promise<void> {
  // An image that another was built on goes after it.
  for (let again = 0; again < 3; again++) {
    const all = await built(engine, projectId)
    for (const { id } of all) await remove(engine, id, true)
    if (all.length === 0) return
  }
}

/** Keeps the newest images of a project, and `usedAt` says which of the others were used later than they were made. */
export async function removeOldImages(
  engine: Engine,
  projectId: string,
  usedAt: ReadonlyMap<string, number>,
): Promise<void> {
  const all = (await built(engine, projectId)).filter(({ tags, pushed }) => tags.length > 0 && pushed === null)
  const age = ({ tags, madeAt }: Built) => Math.max(madeAt * 1000, ...tags.map((tag) => usedAt.get(tag) ?? 0))
  const old = all.sort((a, b) => age(b) - age(a)).slice(keptImages)
  for (const { tags } of old) for (const tag of tags) await remove(engine, tag, false)
}

/** Removes what was fetched for a project, but the images of these names; what still runs goes another time. */
export async function removePushedImages(engine: Engine, projectId: string, kept: readonly string[]): Promise<void> {
  for (const { pushed, tags } of await built(engine, projectId)) {
    if (pushed === null || kept.includes(pushed)) continue
    for (const tag of tags) await remove(engine, tag, false)
  }
}

/** Images of projects that are gone, and what builds left behind; `building` tells whether one runs now. */
export async function sweepImages(
  engine: Engine,
  existing: (projectIds: string[]) => Promise<ReadonlySet<string>>,
  building: () => boolean,
): Promise<void> {
  const projectIds = [...new Set((await built(engine)).map(({ projectId }) => projectId))]
  const left = projectIds.length === 0 ? new Set() : await existing(projectIds)
  for (const projectId of projectIds) if (!left.has(projectId)) await removeImages(engine, projectId)
  if (building()) return
  const filters = { label: [`${labels.server}=${engine.serverId}`, `${labels.kind}=${imageKind}`] }
  const steps = await engine.call((docker) => docker.listContainers({ all: true, filters: JSON.stringify(filters) }))
  for (const { Id } of steps) {
    await quiet(engine.call((docker) => docker.getContainer(Id).remove({ force: true, v: true })))
  }
  const dangling = JSON.stringify({ ...labelFilter(engine.serverId), dangling: ["true"] })
  await engine.call((docker) => docker.pruneImages({ filters: dangling }))
}

const remove = (engine: Engine, image: string, force: boolean) =>
  quiet(engine.call((docker) => docker.getImage(image).remove({ force })))

/** What is gone or in use is no failure. */
async function quiet(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof EngineError) || !["missing", "conflict"].includes(error.kind)) throw error
  }
}
