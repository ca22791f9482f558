import { isIP } from "node:net"
import { rangeCheck } from "../lib/addresses.ts"

/** Who asks, told by the socket and, behind proxies that are trusted, by what those say. */
export interface ClientAddress {
  /** `socket` is the address at the other end of the connection. */
  of: (socket: string, headers: Headers) => string
  /** Whether the other end is a trusted proxy, or this machine. */
  isNear: (socket: string) => boolean
}

const isThisMachine = rangeCheck(["127.0.0.0/8", "::1"])

/** Reads `X-Forwarded-For` only from proxies in `trusted`. */
export function clientAddress(trusted: readonly string[]): ClientAddress {
  const isTrusted = rangeCheck(trusted)
  return {
    of: (socket, headers) => {
      // Each proxy writes whom it heard at the end, so from there on back to the first that nobody vouches for.
      const told = headers.get("x-forwarded-for")?.split(",") ?? []
      let address = plain(socket)
      while (isTrusted(address)) {
        const before = plain(told.pop()?.trim() ?? "")
        if (isIP(before) === 0) break
        address = before
      }
      return address
    },
    isNear: (socket) => isTrusted(plain(socket)) || isThisMachine(plain(socket)),
  }
}

/** Without a port, and without the form that IPv4 has on a socket for both. */
export function plain(address: string): string {
  const [, inBrackets] = /^\[(.+)\](?::\d+)?$/.exec(address) ?? []
  const bare = inBrackets ?? address.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
  return bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "")
}
