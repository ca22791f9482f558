import type { Logger } from "pino"
import { Lines } from "../../../../lib/lines.ts"
import type { Engine } from "../engine.ts"
import { labels, projectLabels } from "../labels.ts"
import { bridgesAreHere } from "./bridges-here.ts"
import { ensureNetwork, findNetwork } from "./ensure-network.ts"
import { createFirewall } from "./firewall.ts"
import { bridgeName, bridgePrefix, networkName, proxyName } from "./names.ts"
import type { Egress, Networks, OpenNetwork } from "./networks.ts"
import { attachOwn, findOwnContainer } from "./own-container.ts"
import { attachProxy, ensureProxy, proxyPort, removeProxy } from "./proxy.ts"
import { removeNetwork, unlessAway } from "./remove-network.ts"
import { isWithin, type Subnet } from "./subnets.ts"
import { hostWarning } from "./warning.ts"

interface NetworksOptions {
  egress: Egress
  /** Gets an image with Bun, for the proxy. */
  image: () => Promise<string>
  /** Hosts beside the usual registries that may be reached, also with a port. */
  registries: string[]
  log: Pick<Logger, "warn">
}

/** Networks of projects in an engine: one each, cut off from each other and from this machine. */
export function createNetworks(engine: Engine, { egress, image, registries, log }: NetworksOptions): Networks {
  const { serverId } = engine
  // Podman keeps its networks apart only where it was told at its installation, and this machine cannot reach an
  // internal one of an older Podman: there the firewall does both.
  const walls = engine.kind === "podman"
  const apart = egress === "open" ? "projects" : "all"
  const firewall = createFirewall(bridgePrefix(serverId), { metadata: egress === "open", apart: walls ? apart : null })
  const proxy = proxyName(serverId)
  const opened = new Map<string, Subnet>()
  const lines = new Lines()
  /** Free addresses are looked up and taken in one go. */
  const making = <T>(work: () => Promise<T>) => lines.wait("making", work)
  const ofProject = <T>(projectId: string, work: () => Promise<T>) => lines.wait(`project ${projectId}`, work)
  let warning: string | null = null
  let place: "here" | "elsewhere" = "here"
  let own: Promise<string | null> | undefined

  /** The container that we are in: from there nothing that is published on the machine can be reached. */
  const ownContainer = (): Promise<string | null> => {
    own ??= findOwnContainer(engine)
    own.catch(() => (own = undefined))
    return own
  }
  /** What of ours hangs on the networks of projects. */
  const hangers = async (): Promise<string[]> => [proxy, ...[await ownContainer()].filter((id) => id !== null)]

  const guardHost = async (): Promise<boolean> => {
    const safe = place === "here" && (await firewall.ensure())
    const words = safe ? null : hostWarning(egress, place, firewall.command)
    if (words !== null && words !== warning) log.warn({ egress }, words)
    warning = words
    return safe
  }

  const leadOut = async (network: string, address: string): Promise<Record<string, string>> => {
    await making(async () => {
      const isNew = await ensureProxy(engine, { image: await image(), registries })
      await attachProxy(engine, network, address)
      if (!isNew) return
      for (const [id, subnet] of opened) {
        // A network that somebody removed is mended when its own project opens it.
        await attachProxy(engine, networkName(serverId, id), subnet.proxy).catch(unlessAway)
      }
    })
    const url = `http://${address}:${proxyPort}`
    const env = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: "localhost,127.0.0.1,::1,0.0.0.0" }
    // Some programs read only the large names, some only the small ones.
    return { ...env, ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name.toLowerCase(), value])) }
  }

  const open = async (projectId: string): Promise<OpenNetwork> => {
    const name = networkName(serverId, projectId)
    const safe = await guardHost()
    const wanted = {
      name,
      bridge: bridgeName(serverId, projectId),
      internal: egress !== "open" && !(walls && safe),
      labels: projectLabels(serverId, projectId),
    }
    const subnet = await making(() => ensureNetwork(engine, wanted))
    opened.set(projectId, subnet)
    const self = await ownContainer()
    if (self !== null) await attachOwn(engine, self, name, subnet.server)
    const env = egress === "registry" ? await leadOut(name, subnet.proxy) : {}
    const published = self === null ? "published" : "address"
    if (egress === "open") return { name, reach: published, env, dns: [] }
    // Some engines carry questions for names out of a network that has no way out: here nobody is asked.
    return { name, reach: walls && !safe ? published : "address", env, dns: ["127.0.0.1"] }
  }

  const close = async (projectId: string) => {
    opened.delete(projectId)
    const found = await findNetwork(engine, networkName(serverId, projectId))
    if (found) await removeNetwork(engine, found, { cut: await hangers() })
  }

  const tidy = async (): Promise<void> => {
    const label = [`${labels.server}=${serverId}`]
    const all = await engine.call((docker) => docker.listNetworks({ filters: { label } }))
    const cut = await hangers()
    await making(async () => opened.size === 0 && (await removeProxy(engine)))
    const removals = all.map((network) => {
      const projectId = network.Labels?.[labels.project]
      // The proxy's own: in use for as long as there is a proxy.
      if (projectId === undefined) return making(() => removeNetwork(engine, network, { cut: [], patienceMs: 0 }))
      return ofProject(
        projectId,
        async () => opened.has(projectId) || removeNetwork(engine, network, { cut, patienceMs: 0 }),
      )
    })
    await Promise.all(removals)
  }

  /** Whether a bridge is left that the firewall's rules speak of, be it of another server. */
  const hasBridges = async () => {
    const all = await engine.call((docker) => docker.listNetworks())
    return all.some(({ Name }) => Name.startsWith(`gochat-${serverId.slice(0, 4)}`))
  }

  return {
    get warning() {
      return warning
    },
    isApp: (address) => [...opened.values()].some((subnet) => isWithin(subnet, address)),
    start: async () => {
      place = (await making(() => bridgesAreHere(engine))) ? "here" : "elsewhere"
      await guardHost()
    },
    open: (projectId) => ofProject(projectId, () => open(projectId)),
    close: (projectId) => ofProject(projectId, () => close(projectId)),
    sweep: tidy,
    end: async () => {
      opened.clear()
      await tidy()
      if (!(await hasBridges())) await firewall.remove()
    },
  }
}
