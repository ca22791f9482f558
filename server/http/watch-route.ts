import { getErrorShape } from "@trpc/server/unstable-core-do-not-import"
import { TRPCError } from "@trpc/server"
import { fetchRequestHandler } from "@trpc/server/adapters/fetch"
import { watchInput } from "../../shared/events.ts"
import { AppError } from "../app-error.ts"
import type { Ctx, Services } from "../context.ts"
import { type SessionSignal, sessionSignal } from "../features/account/session-signal.ts"
import { type OpenStream, openStream } from "../features/account/stream-limit.ts"
import type { StoredEvent } from "../features/event/stored-event.ts"
import type { Subscription } from "../features/event/subscription.ts"
import { authorizeProject } from "../features/project/access.ts"
import { newId } from "../lib/ids.ts"
import { onAbort } from "../lib/on-abort.ts"
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
  const { projectId, lastEventId } = input.data
  try {
    await authorizeProject(ctx, projectId)
    const slot = openStream(services, actor)
    const watched = await services.hub.watch(projectId, Number(lastEventId ?? 0)).catch((error: unknown) => {
      slot.close()
      throw error
    })
    if (watched === null) {
      slot.close()
      throw new AppError("not_found")
    }
    const watch = new Watch(services, watched.subscription, sessionSignal(services, actor), slot)
    return new Response(new ReadableStream(watch.source(watched.reset)), { headers })
  } catch (error) {
    if (error instanceof AppError) return refused()
    throw error
  }
}

/** One open answer. A field here is memory times thousands of streams. */
class Watch {
  readonly #leave: (() => void)[]
  #wake: ((why: "news" | "ping") => void) | null = null
  #over: "session" | "drain" | "gone" | null = null

  constructor(
    private readonly services: Services,
    private readonly subscription: Subscription,
    session: SessionSignal,
    slot: OpenStream,
  ) {
    this.#leave = [
      session.dispose,
      slot.close,
      onAbort(session.signal, () => this.#end("session")),
      onAbort(services.draining, () => this.#end("drain")),
    ]
  }

  /** What the socket pulls. */
  source(reset: number | null): UnderlyingDefaultSource<Uint8Array> {
    return {
      start: (controller) => {
        controller.enqueue(encoder.encode(connectedFrame(this.services)))
        if (reset !== null) controller.enqueue(encoder.encode(resetFrame(reset)))
      },
      pull: (controller) => this.#pull(controller),
      cancel: () => this.cancel(),
    }
  }

  cancel(): void {
    this.#end("gone")
    this.#release()
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (;;) {
      if (this.#over !== null) {
        this.#release()
        if (this.#over === "gone") return
        controller.enqueue(encoder.encode(endFrame(this.services, this.#over)))
        controller.close()
        return
      }
      const events = this.subscription.takeNow() ?? (await this.subscription.take())
      if (events.length > 0) {
        controller.enqueue(concat(events.map(frameOf)))
        return
      }
      if ((await this.#newsOrPing()) === "ping") {
        controller.enqueue(pingFrame)
        return
      }
    }
  }

  /** Resolves at the next event, at the next ping, or when the watch is over. */
  async #newsOrPing(): Promise<"news" | "ping"> {
    const { promise, resolve } = Promise.withResolvers<"news" | "ping">()
    this.#wake = resolve
    const stopPing = onPing(this.services.config.ssePingInterval * 1000, () => resolve("ping"))
    this.subscription.whenNew(() => resolve("news"))
    const why = await promise
    this.#wake = null
    stopPing()
    return why
  }

  #end(why: "session" | "drain" | "gone"): void {
    this.#over ??= why
    this.#wake?.("news")
  }

  #release(): void {
    for (const leave of this.#leave.splice(0)) leave()
    this.subscription[Symbol.dispose]()
  }
}

function frameOf(event: StoredEvent): Uint8Array {
  const known = frames.get(event)
  if (known !== undefined) return known
  const frame = encoder.encode(`data: ${event.json}\nid: ${event.seq}\n\n\n`)
  frames.set(event, frame)
  return frame
}

function connectedFrame({ config }: Services): string {
  return `retry: 1000\nevent: connected\ndata: ${JSON.stringify({ reconnectAfterInactivityMs: config.ssePingInterval * 3000 })}\n\n\n`
}

function resetFrame(seq: number): string {
  return `data: ${JSON.stringify({ type: "stream.reset", seq, at: new Date().toISOString() })}\nid: ${seq}\n\n\n`
}

/** UNAUTHORIZED ends the client's watch; SERVICE_UNAVAILABLE makes it come back. */
function endFrame(services: Services, over: "session" | "drain"): string {
  const error =
    over === "session"
      ? new TRPCError({ code: "UNAUTHORIZED", cause: new AppError("unauthorized") })
      : new TRPCError({ code: "SERVICE_UNAVAILABLE", cause: new AppError("unavailable") })
  const ctx = { ...services, requestId: newId(), resolve: () => Promise.resolve(null) }
  const shape = getErrorShape({
    config: appRouter._def._config,
    error,
    type: "subscription",
    path,
    input: undefined,
    ctx,
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
