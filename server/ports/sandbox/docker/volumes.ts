import { existsSync } from "node:fs"
import { chmod, mkdir } from "node:fs/promises"
import type { SandboxTarget } from "../port.ts"
import type { Engine } from "./engine.ts"
import { labelFilter, projectLabels, labels, short } from "./labels.ts"
import { EngineError } from "./to-engine-error.ts"

/** A folder of the server as a volume of a project, so that an engine knows whose it is. */
export interface Volume {
  name: string
  folder: string
}

/** A folder that all of a project share has no kind. Makes the folder, owned by whoever runs in the container, and the volume that is bound to it. */
export async function openVolume(
  engine: Engine,
  { projectId, kind }: { projectId: string; kind?: SandboxTarget["kind"] },
  folder: string,
): Promise<Volume> {
  await mkdir(folder, { recursive: true })
  await handOver(engine, folder)
  const name = `gochat-${engine.serverId}-${short(folder, 16)}`
  await engine.call((docker) =>
    docker.createVolume({
      Name: name,
      Driver: "local",
      DriverOpts: { type: "none", o: "bind", device: folder },
      Labels: { ...projectLabels(engine.serverId, projectId), ...(kind === undefined ? {} : { [labels.kind]: kind }) },
    }),
  )
  return { name, folder }
}

/** Removes volumes, never the folders they are bound to. What is in use or gone stays as it is. */
export async function closeVolumes(engine: Engine, names: string[]): Promise<void> {
  await Promise.all(
    names.map((name) =>
      engine
        .call((docker) => docker.getVolume(name).remove())
        .catch((error: unknown) => {
          if (!(error instanceof EngineError) || error.kind === "away") throw error
        }),
    ),
  )
}

/** Volumes whose project, or whose folder, is gone; with `projectId` all of that project. */
export async function unneededVolumes(
  engine: Engine,
  existing: (projectIds: string[]) => Promise<ReadonlySet<string>>,
  projectId?: string,
): Promise<string[]> {
  const filters = JSON.stringify(labelFilter(engine.serverId))
  const { Volumes } = await engine.call((docker) => docker.listVolumes({ filters }))
  const all = Volumes ?? []
  const owner = (one: (typeof all)[number]) => one.Labels?.[labels.project] ?? ""
  if (projectId !== undefined) return all.filter((one) => owner(one) === projectId).map(({ Name }) => Name)
  const known = await existing([...new Set(all.map(owner))])
  const bound = (one: (typeof all)[number]) => existsSync(one.Options?.["device"] ?? "")
  return all.filter((one) => !known.has(owner(one)) || !bound(one)).map(({ Name }) => Name)
}

/** What the server wrote as root becomes the app's; links are changed themselves, never followed. */
async function handOver({ user }: Engine, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const owner = `${user.uid}:${user.gid}`
  const find = [folder, "!", "-uid", String(user.uid), "-execdir", "chown", "-h", owner, "{}", "+"]
  const child = Bun.spawn(["find", ...find], { env: { PATH: "/usr/bin:/bin" }, stdio: ["ignore", "ignore", "ignore"] })
  await child.exited
  await chmod(folder, 0o700)
}
