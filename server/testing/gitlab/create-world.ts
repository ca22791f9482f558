import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Background } from "./background.ts"
import { PipelineEngine } from "./ci/pipeline-engine.ts"
import { HookCenter } from "./hooks/hook-center.ts"
import type { Group, Settings, World } from "./world.ts"

/** A world with nothing in it but one group. */
export async function createWorld(folder: string, settings: Settings, background: Background): Promise<World> {
  const reposDir = join(folder, "repos")
  await mkdir(reposDir)
  let lastId = 0
  const getWorld = (): World => world
  const world: World = {
    settings,
    folder,
    reposDir,
    url: "",
    storageUrl: "",
    tokens: [],
    groups: [],
    projects: new Map(),
    pipelines: new Map(),
    hooks: new Map(),
    nextId: () => (lastId = Math.max(lastId + 1, settings.firstId)),
    center: new HookCenter(getWorld),
    engine: new PipelineEngine(getWorld),
    later: (work, ms = 0) => background.later(work, ms),
    fault: (error) => background.fault(error),
  }
  world.groups.push(firstGroup(world))
  return world
}

const firstGroup = (world: World): Group => ({
  id: world.nextId(),
  name: "Go Chat",
  path: "go-chat",
  fullPath: "go-chat",
  parentId: null,
  createdAt: new Date(),
})
