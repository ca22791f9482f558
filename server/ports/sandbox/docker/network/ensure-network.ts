import type { NetworkInspectInfo } from "dockerode"
import type { Engine } from "../engine.ts"
import { labels } from "../labels.ts"
import { EngineError } from "../to-engine-error.ts"
import { makeNetwork, type WantedNetwork } from "./make-network.ts"
import { removeNetwork } from "./remove-network.ts"
import { readSubnet, type Subnet } from "./subnets.ts"

/** Asks the engine for a network; null when there is none of this name. */
export async function findNetwork(engine: Engine, name: string): Promise<NetworkInspectInfo | null> {
  try {
    return await engine.call<NetworkInspectInfo>((docker) => docker.getNetwork(name).inspect())
  } catch (error) {
    if (error instanceof EngineError && error.kind === "missing") return null
    throw error
  }
}

/**
 * The network as it is wanted: the one that is there when it is so, a new one in the place of one that is not. One call
 * at a time. Throws `EngineError`.
 */
export async function ensureNetwork(engine: Engine, wanted: WantedNetwork): Promise<Subnet> {
  const found = await findNetwork(engine, wanted.name)
  if (found === null) return makeNetwork(engine, wanted)
  for (const label of [labels.server, labels.project]) {
    if (found.Labels?.[label] === wanted.labels[label]) continue
    throw new EngineError("refused", `the network ${wanted.name} belongs to something else`)
  }
  const subnet = readSubnet(found.IPAM?.Config?.[0]?.Subnet)
  if (subnet !== null && isAs(found, wanted, engine.kind)) return subnet
  // What is still attached was started under other settings and must not go on with the new ones.
  await removeNetwork(engine, found, { cut: "all" })
  return makeNetwork(engine, wanted)
}

function isAs(found: NetworkInspectInfo, wanted: WantedNetwork, kind: Engine["kind"]): boolean {
  const bridge: unknown = found.Options?.["com.docker.network.bridge.name"]
  // Podman does not tell the name of a bridge here; nobody else gives a network our labels.
  const sameBridge = kind === "podman" || bridge === wanted.bridge
  return found.Driver === "bridge" && found.Internal === wanted.internal && sameBridge
}
