import type { Hook, World } from "../world.ts"
import { isLocalAddress } from "./local-address.ts"
import { signature } from "./sign.ts"

export type HookEvent = "push" | "pipeline" | "build" | "merge_request"

/** A delivery that is still to be sent. */
export interface PendingDelivery {
  hookId: number
  projectId: number
  event: HookEvent
  /** The `Idempotency-Key`; the same when it is sent again. */
  key: string
  /** Made when it is sent, so that it shows how things are then. */
  body: () => Record<string, unknown> | Promise<Record<string, unknown>>
}

/** What was sent, and what came back. */
export interface Delivery {
  id: number
  hookId: number
  projectId: number
  event: HookEvent
  key: string
  url: string
  headers: Record<string, string>
  /** The raw bytes as text. */
  body: string
  /** null when nobody answered. */
  status: number | null
  error: string | null
  at: Date
  ms: number
}

export const eventHeaders: Record<HookEvent, string> = {
  push: "Push Hook",
  pipeline: "Pipeline Hook",
  build: "Job Hook",
  merge_request: "Merge Request Hook",
}

const largestBody = 25_000_000

/** Sends one delivery. Never throws; null when it is too large to be sent. */
export async function deliver(
  world: World,
  hook: Hook,
  pending: PendingDelivery,
  body: string,
  timeoutMs: number,
): Promise<Delivery | null> {
  if (Buffer.byteLength(body) > largestBody) return null
  const headers = headersOf(world, hook, pending, body)
  const [at, began] = [new Date(), performance.now()]
  const made = (status: number | null, error: string | null): Delivery => ({
    id: world.nextId(),
    hookId: hook.id,
    projectId: pending.projectId,
    event: pending.event,
    key: pending.key,
    url: hook.url,
    headers,
    body,
    status,
    error,
    at,
    ms: performance.now() - began,
  })
  if (!world.settings.localHooks && isLocalAddress(hook.url)) {
    return made(null, "URL is blocked: Requests to the local network are not allowed")
  }
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await fetch(hook.url, { method: "POST", headers, body, redirect: "manual", signal })
    await answer.text()
    return made(answer.status, null)
  } catch (error) {
    return made(null, error instanceof Error ? error.message : String(error))
  }
}

function headersOf(world: World, hook: Hook, { key, event }: PendingDelivery, body: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const { version } = world.settings
  return {
    ...Object.fromEntries(hook.customHeaders.map(({ key, value }) => [key, value])),
    "Content-Type": "application/json",
    "User-Agent": `GitLab/${version}.1.0`,
    "Idempotency-Key": key,
    "X-Gitlab-Event": eventHeaders[event],
    "X-Gitlab-Webhook-UUID": crypto.randomUUID(),
    "X-Gitlab-Instance": world.url,
    "X-Gitlab-Event-UUID": crypto.randomUUID(),
    ...(hook.token === null ? {} : { "X-Gitlab-Token": hook.token }),
    ...(hook.signingToken === null || version < 19
      ? {}
      : {
          "webhook-id": key,
          "webhook-timestamp": timestamp,
          "webhook-signature": signature(hook.signingToken, key, timestamp, body),
        }),
  }
}
