/** A range of IPv4 addresses, both ends included. */
export interface Range {
  first: number
  last: number
}

/** Addresses of one project's network. The upper half is not given out by the engine: there are the proxy and, in a container, we. */
export interface Subnet {
  subnet: string
  gateway: string
  /** What the engine gives to containers by itself. */
  range: string
  proxy: string
  /** Of this server, when it runs in a container itself. */
  server: string
}

/** 32 addresses: room for 13 containers of a project at once. */
const size = 32
/** Tried in this order; the first is the least likely to be in use. 2,048 networks fit into each large one. */
const pools = ["10.137.0.0/16", "172.29.0.0/16", "192.168.192.0/19"]

/** The subnets that nothing in `taken` touches, one after the other. */
export function* freeSubnets(taken: Range[]): Generator<Subnet> {
  for (const { first, last } of pools.map(toRange)) {
    for (let start = first; start <= last; start += size) {
      const end = start + size - 1
      if (!taken.some((range) => range.first <= end && range.last >= start)) yield subnetAt(start)
    }
  }
}

/** The plan of a subnet that an engine says a network has; null when it is none of ours. */
export function readSubnet(cidr: string | undefined): Subnet | null {
  if (!cidr?.endsWith("/27")) return null
  const { first } = toRange(cidr)
  const ours = pools.map(toRange).some((pool) => pool.first <= first && first <= pool.last)
  return ours ? subnetAt(first) : null
}

const subnetAt = (start: number): Subnet => ({
  subnet: `${toText(start)}/27`,
  gateway: toText(start + 1),
  range: `${toText(start)}/28`,
  proxy: toText(start + size - 2),
  server: toText(start + size - 3),
})

/** Whether an IPv4 address is a container's in it: the engine's machine, and we, are the gateway and `server`. */
export function isWithin({ subnet, gateway, server }: Subnet, address: string): boolean {
  const { first, last } = toRange(subnet)
  const number = toNumber(address)
  return number > first && number < last && address !== gateway && address !== server
}

/** Ends of a range in the form 10.0.0.0/8. */
export function toRange(cidr: string): Range {
  const [address = "", bits = "32"] = cidr.split("/")
  const span = 2 ** (32 - Number(bits))
  const first = Math.floor(toNumber(address) / span) * span
  return { first, last: first + span - 1 }
}

/** Where this machine already sends packets: a network of ours there would hide what is behind. Linux; else none. */
export async function routedRanges(): Promise<Range[]> {
  const table = await Bun.file("/proc/net/route")
    .text()
    .catch(() => "")
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .flatMap(([, to, , , , , , mask]) => (to && mask ? [{ first: reversed(to), mask: reversed(mask) }] : []))
    .filter(({ mask }) => mask !== 0)
    .map(({ first, mask }) => ({ first, last: first + (2 ** 32 - 1 - mask) }))
}

const toNumber = (address: string): number =>
  address.split(".").reduce((number, part) => number * 256 + Number(part), 0)

const toText = (number: number): string => [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".")

/** The kernel prints addresses with their bytes turned round. */
const reversed = (hex: string): number => Number.parseInt((hex.match(/../g) ?? []).toReversed().join(""), 16)
