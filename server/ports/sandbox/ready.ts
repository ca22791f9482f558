import type { Endpoint } from "./port.ts"

const probeMs = 5_000

/**
 * Waits until the app answers at one of these places; any status below 500 counts as up. Resolves with null when the
 * signal is aborted first.
 */
export async function untilReady(places: Endpoint[], path: string, signal: AbortSignal): Promise<Endpoint | null> {
  let pause = 25
  while (!signal.aborted) {
    for (const place of places) if (await answers(place, path, signal)) return place
    await Bun.sleep(pause)
    pause = Math.min(pause * 1.4, 250)
  }
  return null
}

async function answers({ host, port }: Endpoint, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`http://${host.includes(":") ? `[${host}]` : host}:${port}${path}`, {
      redirect: "manual",
      headers: { host: `127.0.0.1:${port}`, connection: "close" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(probeMs)]),
    })
    await response.body?.cancel()
    return response.status < 500
  } catch {
    return false
  }
}
