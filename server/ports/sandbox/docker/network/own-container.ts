import { readFile } from "node:fs/promises"
import type { Engine } from "../engine.ts"
import { EngineError } from "../to-engine-error.ts"

/**
 * The container of this engine that the server itself runs in, with a network of its own; null when it runs on the
 * machine, or on the machine's network.
 */
export async function findOwnContainer(engine: Engine): Promise<string | null> {
  const id = containerIn(await readFile("/proc/self/mountinfo", "utf8").catch(() => ""))
  if (id === null) return null
  try {
    const { HostConfig, State } = await engine.call((docker) => docker.getContainer(id).inspect())
    const shares = /^(host|none|container:.*|ns:.*)$/.test(HostConfig.NetworkMode ?? "")
    return State.Running && !shares ? id : null
  } catch (error) {
    // A container of another engine: what this one publishes has to be reached some other way.
    if (error instanceof EngineError && error.kind === "missing") return null
    throw error
  }
}

/** Engines lay small files of their own into each container, out of a folder that carries its id. */
export function containerIn(mounts: string): string | null {
  for (const line of mounts.split("\n")) {
    const [, , , source = "", place] = line.split(" ")
    const [, id] = /\/([0-9a-f]{64})\//.exec(source) ?? []
    if (id !== undefined && (place === "/etc/hostname" || place === "/etc/hosts")) return id
  }
  return null
}

/** Gives our own container an end in a project's network, so that it reaches the apps there. Fine when it has one. */
export async function attachOwn(engine: Engine, id: string, network: string, address: string): Promise<void> {
  try {
    await engine.call((docker) =>
      docker.getNetwork(network).connect({
        Container: id,
        EndpointConfig: { IPAMConfig: { IPv4Address: address } },
      }),
    )
  } catch (error) {
    const { NetworkSettings } = await engine.call((docker) => docker.getContainer(id).inspect())
    if (NetworkSettings.Networks[network] === undefined) throw error
  }
}
