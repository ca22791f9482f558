import type { Engine } from "../engine.ts"
import { EngineError } from "../to-engine-error.ts"
import { freeSubnets, routedRanges, type Subnet, toRange } from "./subnets.ts"

/** What a network has to be. */
export interface WantedNetwork {
  name: string
  bridge: string
  /** No way out but through what is attached to it. */
  internal: boolean
  labels: Record<string, string>
}

/** Others that share the engine may take the same addresses in the same moment. */
const attempts = 100

/** Makes a network on the next free addresses. One call at a time. Throws `EngineError`. */
export async function makeNetwork(engine: Engine, wanted: WantedNetwork): Promise<Subnet> {
  const [networks, routed] = await Promise.all([engine.call((docker) => docker.listNetworks()), routedRanges()])
  const used = networks.flatMap(({ IPAM }) => IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? [])
  const taken = [...used.filter((cidr) => !cidr.includes(":")).map(toRange), ...routed]
  let last: unknown
  for (const subnet of freeSubnets(taken).take(attempts)) {
    try {
      await (engine.kind === "podman" ? makeOnPodman(engine, wanted, subnet) : makeOnDocker(engine, wanted, subnet))
      return subnet
    } catch (error) {
      if (!isOverlap(error)) throw error
      last = error
    }
  }
  throw new EngineError("refused", "no private addresses are left for one more network", { cause: last })
}

const isOverlap = (error: unknown): boolean =>
  error instanceof EngineError && /overlap|subnet .* is already used/i.test(error.message)

async function makeOnDocker(engine: Engine, { name, bridge, internal, labels }: WantedNetwork, subnet: Subnet) {
  await engine.call((docker) =>
    docker.createNetwork({
      Name: name,
      CheckDuplicate: true,
      Driver: "bridge",
      Internal: internal,
      Labels: labels,
      IPAM: { Driver: "default", Config: [{ Subnet: subnet.subnet, Gateway: subnet.gateway, IPRange: subnet.range }] },
      Options: {
        "com.docker.network.bridge.name": bridge,
        // A port that is published without saying where is for this machine only.
        "com.docker.network.bridge.host_binding_ipv4": "127.0.0.1",
      },
    }),
  )
}

/** Docker's form of the question has no word for the bridge that Podman understands; its own has. */
async function makeOnPodman(engine: Engine, { name, bridge, internal, labels }: WantedNetwork, subnet: Subnet) {
  const body = {
    name,
    driver: "bridge",
    network_interface: bridge,
    internal,
    // Its name server would listen on the bridge, where new connections are dropped.
    dns_enabled: false,
    labels,
    // Without a range of its own: the proxy's fixed address would have to lie in it.
    subnets: [{ subnet: subnet.subnet, gateway: subnet.gateway }],
  }
  await engine.call(
    ({ modem }) =>
      new Promise<void>((resolve, reject) => {
        modem.dial(
          {
            path: "/v4.0.0/libpod/networks/create",
            method: "POST",
            options: body,
            statusCodes: { 200: true, 201: true, 409: "conflict", 500: "server error" },
          },
          (error) => (error ? reject(error) : resolve()),
        )
      }),
  )
}
