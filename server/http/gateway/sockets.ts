import type { ServerWebSocket, WebSocketHandler } from "bun"
import type { Endpoint } from "../../ports/sandbox/port.ts"

/** Longest time an app may take to accept a socket. */
const openMs = 30_000
/** How long an app may take to say goodbye. */
const goodbyeMs = 1_000
/** What may wait for a side that is slower than the other, and the longest message; beyond it the socket is ended. */
export const waitingBytes = 4 * 1024 * 1024

/** Bun's own can also be cut off; the browser's type does not know that. */
type AppSocket = WebSocket & { terminate(): void }

export interface SocketData {
  endpoint: Endpoint
  /** Path and query. */
  path: string
  headers: Record<string, string>
  protocols: string[]
  /** Aborts when the visitor may not look any more. */
  ended: AbortSignal
  onOver: () => void
  upstream: AppSocket | null
  waiting: (string | Buffer<ArrayBuffer>)[]
  waitingSize: number
}

/** Both ends of a visitor's socket: what one side says the other hears, in order, and each end ends the other. */
export const sockets: WebSocketHandler<SocketData> = {
  maxPayloadLength: waitingBytes,
  backpressureLimit: waitingBytes,
  closeOnBackpressureLimit: true,
  open: (visitor) => connect(visitor),
  message: (visitor, message) => {
    const { upstream } = visitor.data
    if (upstream?.readyState === WebSocket.OPEN) {
      upstream.send(typeof message === "string" ? message : new Uint8Array(message))
      if (upstream.bufferedAmount > waitingBytes) visitor.close(1009, "too much for the app at once")
      return
    }
    visitor.data.waiting.push(typeof message === "string" ? message : Buffer.from(message))
    visitor.data.waitingSize += message.length
    if (visitor.data.waitingSize > waitingBytes) visitor.close(1009, "too much before the app was ready")
  },
  close: (visitor, code, reason) => {
    const { upstream, onOver } = visitor.data
    onOver()
    if (upstream === null) return
    upstream.close(sendable(code), reason)
    // An app that does not read, or has no manners, would go on for ever.
    setTimeout(() => upstream.terminate(), code === 1006 ? 0 : goodbyeMs)
  },
}

function connect(visitor: ServerWebSocket<SocketData>): void {
  const { endpoint, path, headers, protocols, ended } = visitor.data
  // Bun takes headers here too.
  const options: unknown = { headers, protocols }
  const upstream = new WebSocket(`ws://${endpoint.host}:${endpoint.port}${path}`, options as string[]) as AppSocket
  upstream.binaryType = "arraybuffer"
  visitor.data.upstream = upstream
  const timer = setTimeout(() => upstream.close(), openMs)
  ended.addEventListener("abort", () => visitor.close(1008, "you may not look at this any more"), { once: true })
  upstream.addEventListener("open", () => {
    clearTimeout(timer)
    for (const message of visitor.data.waiting.splice(0)) upstream.send(message)
  })
  upstream.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
    // A message that found no room is lost, and a stream of messages with a hole is worth nothing.
    if (visitor.send(data) === 0 || visitor.getBufferedAmount() > waitingBytes) visitor.terminate()
  })
  upstream.addEventListener("close", ({ code, reason }) => {
    clearTimeout(timer)
    visitor.close(sendable(code), reason)
  })
  // A failed connection also raises `close`.
  upstream.addEventListener("error", () => {})
}

/** RFC 6455 7.4: some codes only report, they are never sent. */
function sendable(code: number): number {
  return code === 1000 || (code >= 3000 && code <= 4999) ? code : 1001
}
