import { tracked, TRPCError } from "@trpc/server"
import type { ProjectEvent } from "../../../shared/events.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { openStream } from "../account/stream-limit.ts"
import { sessionSignal } from "../account/session-signal.ts"
import { authorizeProject } from "../project/access.ts"
import { parseEvent } from "./stored-event.ts"
import type { Subscription } from "./subscription.ts"

/**
 * The project's log from after `lastEventId`, then live, for callers inside the process. Over HTTP the same log is
 * sent by `http/watch-route.ts`. Ends by throwing: UNAUTHORIZED when the session ended, SERVICE_UNAVAILABLE when the
 * server drains (the client then resumes); it returns only when the caller's signal aborts or the project is gone.
 */
export async function* watch(
  ctx: Ctx,
  input: { projectId: string; lastEventId?: string | null },
  signal: AbortSignal | undefined,
) {
  await authorizeProject(ctx, input.projectId)
  using _slot = openStream(ctx, ctx.actor)
  using session = sessionSignal(ctx, ctx.actor)
  const watched = await ctx.hub.watch(input.projectId, Number(input.lastEventId ?? 0))
  if (watched === null) throw new AppError("not_found")
  using subscription = watched.subscription
  const ended = AbortSignal.any([session.signal, ctx.draining, ...(signal === undefined ? [] : [signal])])
  if (watched.reset !== null) {
    const reset: ProjectEvent = { type: "stream.reset", seq: watched.reset, at: new Date().toISOString() }
    yield tracked(String(watched.reset), reset)
  }
  while (!ended.aborted) {
    const events = await subscription.take()
    for (const event of events) yield tracked(String(event.seq), parseEvent(event))
    if (events.length === 0) await newsOrEnd(subscription, ended)
  }
  if (session.signal.aborted) throw new AppError("unauthorized")
  if (ctx.draining.aborted) throw new TRPCError({ code: "SERVICE_UNAVAILABLE", message: "the server is restarting" })
}

function newsOrEnd(subscription: Subscription, ended: AbortSignal): Promise<void> {
  if (ended.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const wake = () => {
      ended.removeEventListener("abort", wake)
      resolve()
    }
    ended.addEventListener("abort", wake, { once: true })
    subscription.whenNew(wake)
  })
}
