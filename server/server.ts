import type { Server } from "bun"
import type { Logger } from "pino"
import type { Config } from "./config.ts"
import type { Services } from "./context.ts"
import { addressHeader } from "./features/account/auth.ts"
import { createApp } from "./http/app.ts"
import { askPath, certificateQuestion } from "./http/ask.ts"
import { clientAddress, plain } from "./http/client-address.ts"
import { type Gateway, gateway } from "./http/gateway/gateway.ts"
import { type SocketData, sockets } from "./http/gateway/sockets.ts"
import { answer, state } from "./http/health.ts"
import { watchRoute } from "./http/watch-route.ts"
import { migrateDatabase } from "./lib/migrate.ts"
import { type ClaimedPort, claimPort } from "./lib/port-file.ts"
import { createLog } from "./log.ts"
import { openDatabaseServer } from "./ports/database/open.ts"
import type { DatabaseServer } from "./ports/database/port.ts"
import type { Model } from "./ports/model/port.ts"
import { holdServerLock } from "./ports/database/server-lock.ts"
import { type OpenServices, openServices } from "./services.ts"

/** A server that answers. */
export interface RunningServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  readonly port: number
  readonly services: Services
  readonly database: DatabaseServer
  /** The graceful end: not ready, streams and runs end, then everything closes. Calling it again waits for the same end. */
  stop(): Promise<void>
}

interface ServerOptions {
  /** In place of the configured one: for benchmarks and scripted tests. */
  model?: Model
  log?: Logger
  /** The database is somebody else's now: this server must end. */
  onLost?: (reason: string) => void
}

type Handler = (request: Request, server: Server<SocketData>) => Response | undefined | Promise<Response | undefined>
/** In the order in which they are done, each with the time it may take. */
type Closing = { close: () => Promise<void>; ms: number }[]

/**
 * Ports, then services, then HTTP. The port is taken first, so that a taken one is known before anything is touched;
 * until everything stands it answers 503.
 */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<RunningServer> {
  const log = options.log ?? createLog(config)
  const closing: Closing = []
  try {
    let handle: Handler = starting
    const http = claimPort(config, () =>
      Bun.serve<SocketData>({
        hostname: config.host,
        port: config.port,
        idleTimeout: 0,
        reusePort: false,
        // Uploads to an app stream through; what is ours has limits of its own.
        maxRequestBodySize: Number.MAX_SAFE_INTEGER,
        fetch: (request, server) => handle(request, server),
        error: (error) => {
          log.error({ err: error }, "a request could not be answered")
          return new Response("Something went wrong on our side.\n", { status: 500 })
        },
        websocket: sockets,
      }),
    )
    closing.unshift({ close: () => http.release(), ms: 500 })

    const database = await openDatabaseServer(config, log)
    const lock = await holdServerLock(database.url, options.onLost ?? (() => {}))
    closing.unshift({ close: () => lock.release().then(() => database.stop()), ms: 3_000 })
    http.note()
    await migrateDatabase(database.url)
    const open = await openServices(config, log, database.url, options.model)
    closing.unshift({ close: () => open.close(), ms: 3_500 })
    await open.start()

    handle = route(open.services, gateway(open.services))
    let stopping: Promise<void> | null = null
    return {
      url: `http://127.0.0.1:${config.port}`,
      port: config.port,
      services: open.services,
      database,
      stop: () => (stopping ??= stop(http, open, closing, log)),
    }
  } catch (error) {
    await closeAll(closing, log)
    throw error
  }
}

/** Readiness goes first, then streams are told to come back later, then running work ends, then the sockets are cut. */
async function stop(http: ClaimedPort, open: OpenServices, closing: Closing, log: Logger): Promise<void> {
  open.drain()
  // Answers that are under way may finish; who holds a stream open longer than this is cut.
  await Promise.race([http.finish(), Bun.sleep(1_500)])
  await closeAll(closing, log)
}

/** One step that hangs must not keep the others, above all the database, from ending well. */
async function closeAll(closing: Closing, log: Logger): Promise<void> {
  for (const { close, ms } of closing) {
    try {
      const late = Bun.sleep(ms).then(() => Promise.reject(new Error(`not closed within ${ms} ms`)))
      await Promise.race([close(), late])
    } catch (err) {
      log.error({ err }, "a part did not close well")
    }
  }
}

function route(services: Services, previews: Gateway): Handler {
  const app = createApp(services)
  const mayHaveCertificate = certificateQuestion(services)
  const client = clientAddress(services.config.trustedProxies)
  return (request, server) => {
    if (!namesHost(request)) return new Response("The request names no host.\n", { status: 400 })
    // The socket tells the address, or a proxy that is trusted; what a client writes here itself is thrown away.
    const socket = server.requestIP(request)?.address ?? ""
    // The firewall keeps apps from here where it may; where we share a network with them, nothing else does.
    if (services.sandbox.isApp?.(plain(socket))) return new Response("Apps cannot ask Go Chat.\n", { status: 403 })
    request.headers.delete(addressHeader)
    if (socket) request.headers.set(addressHeader, client.of(socket, request.headers))
    if (previews.matches(request)) return previews.fetch(request, server)
    if (isQuestion(request)) return mayHaveCertificate(request, client.isNear(socket))
    if (request.method === "GET" && isWatch(request.url)) return watchRoute(services, request)
    return app.fetch(request)
  }
}

/** Exactly this procedure, alone: what else is there (a batch) is tRPC's. */
/** RFC 9110 7.2: a name or address, perhaps with a port. Anything else would make a URL that nobody can build on. */
const namesHost = (request: Request): boolean =>
  /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(request.headers.get("host") ?? "") && URL.canParse(request.url)

const isQuestion = ({ method, url }: Request): boolean => method === "GET" && new URL(url).pathname === askPath

const isWatch = (url: string): boolean => new URL(url).pathname === "/trpc/event.watch"

/** While the start is under way: alive, not started, everything else later. */
function starting(request: Request): Response {
  const { pathname } = new URL(request.url)
  if (pathname === "/health/live") return answer(state("healthy"), true)
  if (pathname.startsWith("/health")) return answer(state("unhealthy"), false)
  return new Response("Go Chat is starting. Try again in a few seconds.\n", {
    status: 503,
    headers: { "retry-after": "2" },
  })
}
