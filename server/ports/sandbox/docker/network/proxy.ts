import { join } from "node:path"
import type { ContainerCreateOptions, ContainerInspectInfo } from "dockerode"
import { removeContainer } from "../container.ts"
import type { Engine } from "../engine.ts"
import { labels, short } from "../labels.ts"
import { EngineError } from "../to-engine-error.ts"
import { ensureNetwork } from "./ensure-network.ts"
import { outwardBridge, outwardName, proxyName } from "./names.ts"
import { allowedHosts } from "./registries.ts"

/** As in registry-proxy.ts. */
export const proxyPort = 3128
const memory = 128 * 1024 ** 2
const readyMs = 20_000
const settings = "gochat.settings"

/** Runs the proxy when it does not run as it should; true when it was started now and has no project's network. */
export async function ensureProxy(engine: Engine, options: { image: string; registries: string[] }): Promise<boolean> {
  const script = await Bun.file(join(import.meta.dir, "registry-proxy.ts")).text()
  const allowed = allowedHosts(options.registries)
  const version = short([script, options.image, ...allowed].join("\n"))
  const found = await findProxy(engine)
  const out = outwardName(engine.serverId)
  const hasWayOut = found !== null && out in found.NetworkSettings.Networks
  if (hasWayOut && found.State.Running && found.Config.Labels[settings] === version) return false
  if (found) await removeContainer(engine, found.Id)
  const own = { [labels.server]: engine.serverId, [labels.kind]: "proxy" }
  await ensureNetwork(engine, { name: out, bridge: outwardBridge(engine.serverId), internal: false, labels: own })
  const { id } = await engine.call((docker) =>
    docker.createContainer({
      ...hardened(engine),
      name: proxyName(engine.serverId),
      Image: options.image,
      Labels: { ...own, [settings]: version },
      Cmd: ["bun", "--smol", "-e", script],
      Env: [`ALLOWED=${allowed.join(",")}`],
    }),
  )
  await engine.call((docker) => docker.getContainer(id).start())
  await untilReady(engine, id)
  return true
}

/** Gives a project's network its way to the proxy. Fine when it has it. */
export async function attachProxy(engine: Engine, network: string, address: string): Promise<void> {
  const proxy = await findProxy(engine)
  const end = proxy?.NetworkSettings.Networks[network]
  if (end?.IPAddress === address) return
  const { disconnect, connect } = endsOf(engine, network)
  if (end) await disconnect()
  await connect(address)
}

/** Removes the proxy; its network goes with the others that nobody uses. */
export async function removeProxy(engine: Engine): Promise<void> {
  const found = await findProxy(engine)
  if (found) await removeContainer(engine, found.Id)
}

/** What the engine knows of the proxy; null when there is none. */
async function findProxy(engine: Engine): Promise<ContainerInspectInfo | null> {
  try {
    return await engine.call((docker) => docker.getContainer(proxyName(engine.serverId)).inspect())
  } catch (error) {
    if (error instanceof EngineError && error.kind === "missing") return null
    throw error
  }
}

function endsOf(engine: Engine, name: string) {
  const network = engine.docker.getNetwork(name)
  const Container = proxyName(engine.serverId)
  return {
    disconnect: () => engine.call(() => network.disconnect({ Container, Force: true })),
    connect: (IPv4Address: string) =>
      engine.call(() =>
        network.connect({
          Container,
          // Always the same address: containers were told it when they were made.
          EndpointConfig: {
            IPAMConfig: { IPv4Address },
            Aliases: ["registry-proxy"],
            // Docker derives it from the address by itself; with another one neighbours would ask the old for a while.
            ...(engine.kind === "podman" ? { MacAddress: macOf(IPv4Address) } : {}),
          },
        }),
      ),
  }
}

const macOf = (address: string): string =>
  ["02", "42", ...address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":")

const hardened = (engine: Engine): ContainerCreateOptions => ({
  Hostname: "registry-proxy",
  User: `${engine.user.uid}:${engine.user.gid}`,
  WorkingDir: "/",
  Entrypoint: [],
  Healthcheck: { Test: ["NONE"] },
  HostConfig: {
    NetworkMode: outwardName(engine.serverId),
    ReadonlyRootfs: true,
    Tmpfs: { "/tmp": "rw,nosuid,nodev,noexec,size=16m,mode=1777" },
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true"],
    Privileged: false,
    Memory: memory,
    MemorySwap: memory,
    NanoCpus: 1e9,
    PidsLimit: 64,
    LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
    RestartPolicy: { Name: "no" },
  },
})

async function untilReady(engine: Engine, id: string): Promise<void> {
  const container = engine.docker.getContainer(id)
  const until = performance.now() + readyMs
  for (;;) {
    const [log, { State }] = await engine.call(() =>
      Promise.all([container.logs({ stdout: true, stderr: true }), container.inspect()]),
    )
    if (log.includes("ready")) return
    if (State.Running && performance.now() < until) {
      await Bun.sleep(50)
      continue
    }
    await removeContainer(engine, id)
    throw new EngineError("refused", `the way to the package registries did not open: ${tail(log.toString())}`)
  }
}

const tail = (log: string): string =>
  log
    .replaceAll(/[^\x20-\x7e\n]/g, "")
    .trim()
    .slice(-300)
