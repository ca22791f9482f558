import { queries } from "./trpc.ts"

const local = new Set(["localhost", "127.0.0.1", "[::1]"])

/** Previews need the server's own address: on `localhost` a preview frame would belong to another site. */
export const isPlainLocal = (): boolean => local.has(location.hostname)

/** Opened at `localhost` or `127.0.0.1`: goes to the public address when the browser can reach it. */
export async function moveToPublicAddress(): Promise<void> {
  if (!isPlainLocal()) return
  try {
    const { publicUrl } = await queries.system.info.ensureData()
    const target = new URL(publicUrl)
    if (target.origin === location.origin) return
    await fetch(new URL("/health/live", target), { mode: "no-cors", signal: AbortSignal.timeout(2000) })
    location.replace(new URL(location.pathname + location.search + location.hash, target))
  } catch {
    // The name does not resolve here: the page stays, previews open in a new tab.
  }
}
