import { realpath } from "node:fs/promises"
import type { Engine } from "../engine.ts"
import { labels } from "../labels.ts"
import { findNetwork } from "./ensure-network.ts"
import { makeNetwork } from "./make-network.ts"
import { probeBridge, probeName } from "./names.ts"
import { removeNetwork } from "./remove-network.ts"

/**
 * Whether the engine makes its bridges where our firewall is: not when it is on another machine, in a virtual one, runs
 * without root, or when this server is in a container itself.
 */
export async function bridgesAreHere(engine: Engine): Promise<boolean> {
  const info: unknown = await engine.call((docker) => docker.info())
  if (isRootless(info)) return false
  // Podman makes a bridge only with its first container, so there is nothing to see yet.
  if (engine.kind === "podman") return listensHere(engine)
  const name = probeName(engine.serverId)
  const bridge = probeBridge(engine.serverId)
  const left = await findNetwork(engine, name)
  if (left) await removeNetwork(engine, left, { cut: [] })
  await makeNetwork(engine, { name, bridge, internal: true, labels: { [labels.server]: engine.serverId } })
  const here = (await kernelList("dev")).includes(`${bridge}:`)
  await removeNetwork(engine, { Id: name }, { cut: [] })
  return here
}

function isRootless(info: unknown): boolean {
  const options = typeof info === "object" && info !== null && "SecurityOptions" in info ? info.SecurityOptions : []
  return Array.isArray(options) && options.some((option) => String(option).includes("rootless"))
}

/** Sockets are listed where they were opened: one that was only mounted into our container is not. */
async function listensHere({ docker }: Engine): Promise<boolean> {
  const modem: unknown = docker.modem
  if (typeof modem !== "object" || modem === null || !("socketPath" in modem)) return false
  if (typeof modem.socketPath !== "string") return false
  const path = await realpath(modem.socketPath).catch(() => "")
  return path !== "" && (await kernelList("unix")).split("\n").some((line) => line.endsWith(` ${path}`))
}

/** What the kernel tells of the network that this process is in; empty where it is no Linux. */
const kernelList = (name: "dev" | "unix"): Promise<string> =>
  Bun.file(`/proc/net/${name}`)
    .text()
    .catch(() => "")
