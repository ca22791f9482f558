import type { ContainerCreateOptions } from "dockerode"
import type { Endpoint, SandboxTarget } from "../port.ts"
import type { Engine } from "./engine.ts"
import { keeperCommand, keeperEndMs } from "./keeper.ts"
import { short, targetLabels } from "./labels.ts"
import type { OpenNetwork } from "./network/networks.ts"
import { EngineError } from "./to-engine-error.ts"

/** What one container may use of the machine. */
export interface ContainerLimits {
  /** Bytes. */
  memory: number
  /** Processors, also parts of one. */
  cpus: number
  pids: number
  /** Bytes; also the largest single file. */
  disk: number
  /** A runtime that the engine knows; null = its own. */
  runtime: string | null
}

export interface ContainerInput {
  target: SandboxTarget
  /** Image id. */
  image: string
  network: Pick<OpenNetwork, "name" | "reach" | "dns">
  /** Volume names by their place inside. */
  volumes: Record<string, string>
  /** null: the image's own. */
  workdir: string | null
  env: Record<string, string>
  /** Port of the app; null when nobody will ask it anything. */
  port: number | null
  limits: ContainerLimits
}

/** Memory that `/tmp` may take of the container's own. */
const tempShare = 0.5
const mostTemp = 1024 ** 3
/** Enough for what watches every file of a project; more than an engine may give out makes some refuse to start. */
const openFiles = 16_384
const allProcesses = 16_384

/** A started container, and where its port can be reached. Throws `EngineError`; nothing is left of what failed. */
export async function startContainer(
  engine: Engine,
  input: ContainerInput,
): Promise<{ id: string; endpoint: Endpoint | null }> {
  const { id } = await engine.call((docker) => docker.createContainer(createOptions(engine, input)))
  try {
    await engine.call((docker) => docker.getContainer(id).start())
    return { id, endpoint: input.port === null ? null : await endpointOf(engine, id, input, input.port) }
  } catch (error) {
    await removeContainer(engine, id).catch(() => {})
    throw error
  }
}

/** Asks the container to end, gives it a moment, and removes it. Fine when it is gone already. */
export async function endContainer(engine: Engine, id: string): Promise<void> {
  const container = engine.docker.getContainer(id)
  try {
    await engine.call(() => container.stop({ t: Math.ceil(keeperEndMs / 1000) }))
  } catch (error) {
    if (error instanceof EngineError && error.kind === "away") throw error
  }
  await removeContainer(engine, id)
}

/** Removes it whatever it does. Fine when it is gone already, or going. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  try {
    await engine.call((docker) => docker.getContainer(id).remove({ force: true, v: true }))
  } catch (error) {
    if (!(error instanceof EngineError) || !["missing", "conflict"].includes(error.kind)) throw error
  }
}

function createOptions(engine: Engine, input: ContainerInput): ContainerCreateOptions {
  const { target, limits, network, port } = input
  const { uid, gid } = engine.user
  const temp = Math.min(Math.floor(limits.memory * tempShare), mostTemp)
  const published = port !== null && network.reach === "published"
  return {
    name: `gochat-${engine.serverId}-${short(target.projectId)}-${target.kind}-${crypto.randomUUID().slice(0, 8)}`,
    Image: input.image,
    Labels: targetLabels(engine.serverId, target),
    Hostname: "app",
    User: `${uid}:${gid}`,
    ...(input.workdir === null ? {} : { WorkingDir: input.workdir }),
    // Whatever the image would start by itself: here the keeper runs, and everything else beside it.
    Entrypoint: [],
    Cmd: keeperCommand,
    ...(engine.kind === "docker" ? { Healthcheck: { Test: ["NONE"] } } : {}),
    Env: Object.entries(input.env).map(([name, value]) => `${name}=${value}`),
    ...(published ? { ExposedPorts: { [`${port}/tcp`]: {} } } : {}),
    HostConfig: {
      NetworkMode: network.name,
      ...(network.dns.length > 0 ? { Dns: network.dns } : {}),
      Mounts: Object.entries(input.volumes).map(([place, name]) => ({
        Type: "volume",
        Source: name,
        Target: place,
        // Without this the engine would copy the image's files, and their owner, into an empty folder.
        VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: "local", Options: {} } },
      })),
      ...(published ? { PortBindings: { [`${port}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: "" }] } } : {}),
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": `rw,nosuid,nodev,exec,size=${temp},mode=1777` },
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      Privileged: false,
      Memory: limits.memory,
      MemorySwap: limits.memory,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: limits.pids,
      Ulimits: [
        { Name: "fsize", Soft: limits.disk, Hard: limits.disk },
        { Name: "core", Soft: 0, Hard: 0 },
        { Name: "nofile", Soft: openFiles, Hard: openFiles },
        // Podman's own default may be above what its service was given. All containers' accounts count together here;
        // what one container may have is PidsLimit.
        ...(engine.kind === "podman" ? [{ Name: "nproc", Soft: allProcesses, Hard: allProcesses }] : []),
      ],
      // When the machine itself runs out of memory an app goes before the server does.
      OomScoreAdj: 500,
      // Everything that is printed is read by us; nothing is kept by the engine.
      LogConfig: { Type: "none", Config: {} },
      RestartPolicy: { Name: "no" },
      ...(limits.runtime === null ? {} : { Runtime: limits.runtime }),
    },
  }
}

async function endpointOf(engine: Engine, id: string, input: ContainerInput, port: number): Promise<Endpoint> {
  const { NetworkSettings } = await engine.call((docker) => docker.getContainer(id).inspect())
  if (input.network.reach === "published") {
    const [binding] = NetworkSettings.Ports?.[`${port}/tcp`] ?? []
    if (binding?.HostPort) return { host: "127.0.0.1", port: Number(binding.HostPort) }
  }
  const address = NetworkSettings.Networks[input.network.name]?.IPAddress
  if (address) return { host: address, port }
  throw new EngineError("refused", "it has no address on its network")
}
