import { AppError } from "../app-error.ts"
import type { Services } from "../context.ts"
import { expectHook, receiveHook } from "../features/forge/receive-hook.ts"
import { BodyRoom, hookBytes, readBody, statedBytes } from "./webhook-body.ts"

/** GitLab itself waits ten seconds for an answer. */
const longestMs = 15_000

interface Limits {
  /** A body has to be here within this, also when it has to wait for room. */
  bodyMs?: number
}

/**
 * POST `/webhooks/gitlab/:projectId`: news of the project's GitLab. 200 when it is stored; work comes later. No account and
 * no page is behind it: the message itself proves where it comes from.
 */
export function webhookRoute(
  services: Pick<Services, "db" | "forge" | "sync">,
  { bodyMs = longestMs }: Limits = {},
): (request: Request, projectId: string) => Promise<Response> {
  // Whoever shows the token is GitLab; who only claims to have signed must not take its place.
  const rooms = { trusted: new BodyRoom(8 * hookBytes), signed: new BodyRoom(2 * hookBytes) }
  return async (request, projectId) => {
    const bytes = statedBytes(request)
    const room = rooms[expectHook(services, projectId, request.headers)]
    const signal = AbortSignal.timeout(bodyMs)
    try {
      await room.within(bytes, signal, async () => {
        const body = await readBody(request, signal)
        await receiveHook(services, { projectId, headers: request.headers, body })
      })
    } catch (error) {
      if (error === signal.reason) throw new AppError("unavailable", "The body did not come in time.")
      throw error
    }
    return new Response(null, { status: 200, headers: { "cache-control": "no-store" } })
  }
}
