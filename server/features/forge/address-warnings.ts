import { isIP } from "node:net"
import { isLoopback, rangeCheck } from "../../lib/addresses.ts"

const isPrivate = rangeCheck([
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "fc00::/7",
  "fe80::/10",
])

/** What is wrong with two addresses together that each is right by itself; every sentence has its next step. */
export function addressWarnings(gitlabUrl: string, publicUrl: string): string[] {
  const [gitlab, own] = [new URL(gitlabUrl), new URL(publicUrl)]
  const warnings: string[] = []
  if (gitlab.protocol === "http:" && !staysNear(gitlab.hostname)) {
    warnings.push(
      `The access token goes to ${gitlab.host} without encryption, and can be read on the way. Give GitLab a certificate and let GITLAB_URL begin with https://.`,
    )
  }
  if (isLoopback(own.hostname) && !isLoopback(gitlab.hostname)) {
    warnings.push(
      `GitLab cannot send messages to ${own.host}, which is this machine for itself alone. Checks are asked for and seen a little later; set PUBLIC_URL to an address that GitLab reaches to change that.`,
    )
  }
  return warnings
}

/** This machine, or a network that is somebody's own: its addresses, and names that no public DNS knows. */
function staysNear(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "")
  return isLoopback(hostname) || (isIP(host) === 0 ? !host.includes(".") : isPrivate(host))
}
