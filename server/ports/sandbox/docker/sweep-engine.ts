import type { Boxes } from "./boxes.ts"
import { removeContainer } from "./container.ts"
import type { Engine } from "./engine.ts"
import { labelFilter, labels } from "./labels.ts"
import { closeVolumes, unneededVolumes } from "./volumes.ts"

const kinds = ["draft", "live", "version", "build"]

/** Removes containers of this server that it does not know, and volumes of projects and folders that are gone. */
export async function sweepEngine(
  engine: Engine,
  boxes: Boxes,
  existing: (projectIds: string[]) => Promise<ReadonlySet<string>>,
): Promise<void> {
  // One that is being made is not known by its id yet; the next sweep looks again.
  if (boxes.isOpening) {
    boxes.unsettled = true
    return
  }
  const filters = JSON.stringify(labelFilter(engine.serverId))
  const known = new Set(boxes.all.map((box) => box.containerId))
  const found = await engine.call((docker) => docker.listContainers({ all: true, filters }))
  const lost = found.filter(({ Id, Labels }) => kinds.includes(Labels[labels.kind] ?? "") && !known.has(Id))
  await Promise.all(lost.map(({ Id }) => removeContainer(engine, Id)))
  await closeVolumes(engine, await unneededVolumes(engine, existing))
}
