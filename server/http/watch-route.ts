import { getErrorShape } from "@trpc/server/unstable-core-do-not-import"
import { TRPCError } from "@trpc/server"
import { fetchRequestHandler } from "@trpc/server/adapters/fetch"
import { watchInput } from "../../shared/events.ts"
import { AppError } from "../app-error.ts"
import type { Ctx, Services } from "../context.ts"
import { sessionSignal } from "../features/account/session-signal.ts"
import { openStream } from "../features/account/stream-limit.ts"
import type { StoredEvent } from "../features/event/stored-event.ts"
import type { Subscription } from "../features/event/subscription.ts"
import { authorizeProject } from "../features/project/access.ts"
import { newId } from "../lib/ids.ts"
import { createContext } from "../trpc/context.ts"
import { appRouter } from "../trpc/router.ts"
import { resolveActor } from "./actor.ts"
import { onPing } from "./ping-clock.ts"

const encoder = new TextEncoder()
const path = "event.watch"

/** Bytes of an event, made once for all who watch it. */
const frames = new WeakMap<StoredEvent, Uint8Array>()
const pingFrame = encoder.encode("event: ping\ndata: \n\n\n")

const headers = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  connection: "keep-alive",
}

/**
 * GET /trpc/event.watch: tRPC's own frames around bytes that are encoded once per event, pulled by the socket.
 * A slow reader is a number that lags behind, nothing is buffered for it. What cannot be watched is answered by tRPC
 * itself through the procedure, so errors look the same on both ways.
 */
export async function watchRoute(services: Services, request: Request): Promise<Response> {
  const refused = () =>
    fetchRequestHandler({
      endpoint: "/trpc",
      req: request,
      router: appRouter,
      createContext: createContext(services, request),
    })
  const input = watchInput.safeParse(readInput(request))
  if (!input.success) return refused()
  const actor = await resolveActor(services, request, { fresh: true })
  if (actor === null) return refused()
  const ctx: Ctx = { ...services, actor, requestId: newId() }
  const resources = new DisposableStack()
  try {
    await authorizeProject(ctx, input.data.projectId)
    resources.use(openStream(services, actor))
    const session = resources.use(sessionSignal(services, actor))
    const watched = await services.hub.watch(input.data.projectId, Number(input.data.lastEventId ?? 0))
    if (watched === null) throw new AppError("not_found")
    resources.use(watched.subscription)
    const ended = AbortSignal.any([session.signal, services.draining])
    const body = pull({
      ctx,
      subscription: watched.subscription,
      reset: watched.reset,
      ended,
      session: session.signal,
      resources,
    })
    request.signal.addEventListener("abort", () => resources.dispose(), { once: true })
    return new Response(body, { headers })
  } catch (error) {
    resources.dispose()
    if (error instanceof AppError) return refused()
    throw error
  }
}

interface Watch {
  ctx: Ctx
  subscription: Subscription
  reset: number | null
  /** Session over, or the server drains. */
  ended: AbortSignal
  session: AbortSignal
  resources: DisposableStack
}

function pull(watch: Watch): ReadableStream<Uint8Array> {
  const { subscription, ended, resources } = watch
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(connectedFrame(watch.ctx)))
      if (watch.reset !== null) controller.enqueue(encoder.encode(resetFrame(watch.reset)))
    },
    async pull(controller) {
      for (;;) {
        if (ended.aborted) {
          controller.enqueue(encoder.encode(endFrame(watch)))
          controller.close()
          resources.dispose()
          return
        }
        const events = subscription.takeNow() ?? (await subscription.take())
        if (events.length > 0) {
          controller.enqueue(concat(events.map(frameOf)))
          return
        }
        if (resources.disposed) {
          controller.close()
          return
        }
        if ((await newsOrPing(watch)) === "ping") {
          controller.enqueue(pingFrame)
          return
        }
      }
    },
    cancel() {
      resources.dispose()
    },
  })
}

/** Resolves at the next event, at the next ping, or when the watch is over. */
function newsOrPing({ subscription, ended, ctx }: Watch): Promise<"news" | "ping"> {
  return new Promise((resolve) => {
    const done = (why: "news" | "ping") => {
      stopPing()
      ended.removeEventListener("abort", onEnd)
      resolve(why)
    }
    const onEnd = () => done("news")
    const stopPing = onPing(ctx.config.ssePingInterval * 1000, () => done("ping"))
    ended.addEventListener("abort", onEnd, { once: true })
    subscription.whenNew(() => done("news"))
  })
}

function frameOf(event: StoredEvent): Uint8Array {
  const known = frames.get(event)
  if (known !== undefined) return known
  const frame = encoder.encode(`data: ${event.json}\nid: ${event.seq}\n\n\n`)
  frames.set(event, frame)
  return frame
}

function connectedFrame({ config }: Ctx): string {
  return `retry: 1000\nevent: connected\ndata: ${JSON.stringify({ reconnectAfterInactivityMs: config.ssePingInterval * 3000 })}\n\n\n`
}

function resetFrame(seq: number): string {
  return `data: ${JSON.stringify({ type: "stream.reset", seq, at: new Date().toISOString() })}\nid: ${seq}\n\n\n`
}

/** UNAUTHORIZED ends the client's watch; SERVICE_UNAVAILABLE makes it come back. */
function endFrame({ ctx, session }: Watch): string {
  const error = session.aborted
    ? new TRPCError({ code: "UNAUTHORIZED", cause: new AppError("unauthorized") })
    : new TRPCError({ code: "SERVICE_UNAVAILABLE", cause: new AppError("unavailable") })
  const shape = getErrorShape({
    config: appRouter._def._config,
    error,
    type: "subscription",
    path,
    input: undefined,
    ctx: { ...ctx, resolve: () => Promise.resolve(ctx.actor) },
  })
  return `event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n\n`
}

/** tRPC's way: input as JSON in the query; on a reconnect of the browser itself the place is in the header. */
function readInput(request: Request): unknown {
  const text = new URL(request.url).searchParams.get("input")
  const lastEventId = request.headers.get("last-event-id")
  try {
    const input: unknown = JSON.parse(text ?? "null")
    if (typeof input !== "object" || input === null) return input
    return lastEventId === null || lastEventId === "" ? input : { ...input, lastEventId }
  } catch {
    return null
  }
}

function concat(parts: Uint8Array[]): Uint8Array {
  const only = parts[0]
  if (parts.length === 1 && only !== undefined) return only
  return new Uint8Array(Buffer.concat(parts))
}
