import type { Endpoint } from "../port.ts"

const probeMs = 5_000

/**
 * Waits until the app answers on its port, on either loopback address; any status below 500 counts as up.
 * Resolves with null when the signal is aborted first.
 */
export async function untilReady(port: number, path: string, signal: AbortSignal): Promise<Endpoint | null> {
  let pause = 25
  while (!signal.aborted) {
    for (const host of ["127.0.0.1", "::1"]) if (await answers(host, port, path, signal)) return { host, port }
    await Bun.sleep(pause)
    pause = Math.min(pause * 1.4, 250)
  }
  return null
}

async function answers(host: string, port: number, path: string, signal: AbortSignal): Promise<boolean> {
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
