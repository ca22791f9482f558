import { lookup } from "node:dns/promises"
import { isIP } from "node:net"

/**
 * Whether a name leads to the server's own machine: an engine fetches as itself and without TLS from there, so a
 * project that names such a registry would ask services that are none of its business.
 */
export async function leadsToServer(domain: string): Promise<boolean> {
  if (domain === "docker.io") return false
  const host = domain.replace(/:\d+$/, "").toLowerCase()
  if (host === "localhost" || host.endsWith(".localhost")) return true
  if (isIP(host) !== 0) return isLoopback(host)
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.some(({ address }) => isLoopback(address))
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^0\.|^::1?$/.test(address)
