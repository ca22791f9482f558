import { existsSync } from "node:fs"
import type { Engine } from "../engine.ts"
import { labels } from "../labels.ts"
import { findNetwork } from "./ensure-network.ts"
import { makeNetwork } from "./make-network.ts"
import { probeBridge, probeName } from "./names.ts"
import { removeNetwork } from "./remove-network.ts"

/** What containers have in their root folder. */
const places = ["/.dockerenv", "/run/.containerenv"]

/**
 * Whether the engine makes its bridges where our firewall is: not when it is on another machine, in a virtual one, runs
 * without root, or when this server is in a container itself.
 */
export async function bridgesAreHere(engine: Engine): Promise<boolean> {
  const info: unknown = await engine.call((docker) => docker.info())
  if (isRootless(info)) return false
  // Podman makes a bridge only with its first container, so there is nothing to see yet.
  if (engine.kind === "podman") return isLocal(engine) && !places.some((path) => existsSync(path))
  const name = probeName(engine.serverId)
  const bridge = probeBridge(engine.serverId)
  const left = await findNetwork(engine, name)
  if (left) await removeNetwork(engine, left, { cut: [] })
  await makeNetwork(engine, { name, bridge, internal: true, labels: { [labels.server]: engine.serverId } })
  const here = (await ends()).includes(`${bridge}:`)
  await removeNetwork(engine, { Id: name }, { cut: [] })
  return here
}

/** The network interfaces that this process sees, as the kernel lists them; empty where it is no Linux. */
const ends = (): Promise<string> =>
  Bun.file("/proc/net/dev")
    .text()
    .catch(() => "")

function isRootless(info: unknown): boolean {
  const options = typeof info === "object" && info !== null && "SecurityOptions" in info ? info.SecurityOptions : []
  return Array.isArray(options) && options.some((option) => String(option).includes("rootless"))
}

const isLocal = (engine: Engine): boolean => {
  const modem: unknown = engine.docker.modem
  return typeof modem === "object" && modem !== null && "socketPath" in modem && typeof modem.socketPath === "string"
}
