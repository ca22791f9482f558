import { BlockList, isIP } from "node:net"
import { ConfigError, type envReader } from "./env-reader.ts"

type Reader = ReturnType<typeof envReader>

/** Names that always mean this machine. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host)

/**
 * Where people reach Go Chat: scheme, host and port, nothing behind. Away from this machine only https, because the
 * session cookie is `Secure` and a key typed on a plain page can be read on the way.
 */
export function readPublicUrl(read: Reader, port: number): string {
  const example = "https://chat.example.com"
  const given = read.address("PUBLIC_URL", example)
  if (given === null) return `http://gochat.localhost${port === 80 ? "" : `:${port}`}`
  const url = new URL(given)
  if (url.pathname !== "/" || url.search || url.hash || url.username) {
    throw new ConfigError("PUBLIC_URL", `is "${given}" and must end after the host and port`, example)
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new ConfigError(
      "PUBLIC_URL",
      `is "${given}" and must begin with https:// because ${url.hostname} is not this machine`,
      example,
    )
  }
  return url.origin
}

/** Under this name, with a wildcard, the apps are shown: another origin of the same site. */
export function readPreviewDomain(read: Reader, publicUrl: string, port: number): string {
  const example = "preview.example.com"
  const page = new URL(publicUrl)
  const given = read.text("PREVIEW_DOMAIN")?.toLowerCase() ?? null
  if (given === null) {
    if (!isIP(page.hostname.replace(/^\[|\]$/g, ""))) return `preview.${page.host}`
    if (isLoopback(page.hostname)) return `preview.gochat.localhost:${page.port || port}`
    throw new ConfigError(
      "PREVIEW_DOMAIN",
      "must be set because PUBLIC_URL names a number, which has no names under it",
      example,
    )
  }
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/.test(given) || isIP(given.replace(/:\d+$/, ""))) {
    throw new ConfigError(
      "PREVIEW_DOMAIN",
      `is "${given}" and must be a host name, with a port if it needs one`,
      example,
    )
  }
  if (`.${page.hostname}`.endsWith(`.${given.replace(/:\d+$/, "")}`)) {
    throw new ConfigError(
      "PREVIEW_DOMAIN",
      `is "${given}" and must not contain the host of PUBLIC_URL (${page.hostname})`,
      example,
    )
  }
  return given
}

/** Exact origins that may call us from a page of their own. */
export function readOrigins(read: Reader): string[] {
  return read.list("CORS_ORIGINS").map((origin) => {
    const url = URL.canParse(origin) ? new URL(origin) : null
    if (url && url.origin === origin.replace(/\/$/, "") && url.origin !== "null") return url.origin
    throw new ConfigError(
      "CORS_ORIGINS",
      `has "${origin}" and must be a list of exact origins`,
      "https://tools.example.com,https://example.com",
    )
  })
}

/** Addresses and ranges in front of us whose word about who asks is believed, as they were written. */
export function readTrustedProxies(read: Reader): string[] {
  const written = read.list("TRUSTED_PROXIES")
  for (const one of written) {
    if (isRange(one)) continue
    throw new ConfigError(
      "TRUSTED_PROXIES",
      `has "${one}" and must be a list of addresses or ranges of them`,
      "127.0.0.1,10.77.0.0/24",
    )
  }
  return written
}

/** Whether an address is in one of these ranges. */
export function rangeCheck(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = "", bits] = range.split("/")
    if (bits === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, Number(bits), family(address))
  }
  return (address) => isIP(address) !== 0 && list.check(address, family(address))
}

/** One that means all (0.0.0.0/0) would believe everybody. */
function isRange(text: string): boolean {
  const [address = "", bits, more] = text.split("/")
  const most = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0
  if (most === 0 || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most)
}

const family = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4")
