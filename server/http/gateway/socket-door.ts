import type { Server } from "bun"
import type { Services } from "../../context.ts"
import type { Endpoint } from "../../ports/sandbox/port.ts"
import { problem } from "../problem.ts"
import { towardsApp } from "./headers.ts"
import type { SocketData } from "./sockets.ts"
import { keepInUse, type Target } from "./target.ts"

export type Upgrader = Pick<Server<SocketData>, "upgrade">

interface Wish {
  request: Request
  host: string
  target: Target
  endpoint: Endpoint
  ended: AbortSignal
  onOver: () => void
}

export const wantsSocket = (request: Request): boolean => request.headers.get("upgrade")?.toLowerCase() === "websocket"

/** Makes the connection a socket that leads to the app; else the answer that says why not. */
export function openSocket(services: Services, server: Upgrader, wish: Wish): Response | undefined {
  const { request, host, target, endpoint, ended } = wish
  const origin = request.headers.get("origin")
  // A page elsewhere must not use the visitor's pass.
  if (origin !== null && URL.parse(origin)?.host !== host) {
    wish.onOver()
    return problem({ kind: "forbidden", detail: "Sockets are only for the app's own pages." }, request)
  }
  const url = new URL(request.url)
  const headers = towardsApp(request, endpoint, new URL(services.config.publicUrl).protocol.slice(0, -1))
  const handshake = [...headers.keys()].filter((name) => name.startsWith("sec-websocket-"))
  for (const name of handshake) headers.delete(name)
  const protocols = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim())
  const offered = protocols.filter((name) => name !== "")
  const release = keepInUse(services, target)
  const data: SocketData = {
    endpoint,
    path: url.pathname + url.search,
    headers: Object.fromEntries(headers),
    protocols: offered,
    ended,
    onOver: () => {
      release()
      wish.onOver()
    },
    upstream: null,
    waiting: [],
    waitingSize: 0,
  }
  const [chosen] = offered
  const answer = chosen === undefined ? {} : { headers: { "sec-websocket-protocol": chosen } }
  if (server.upgrade(request, { data, ...answer })) return undefined
  data.onOver()
  return problem({ kind: "bad_input", detail: "This is not a WebSocket request." }, request)
}
