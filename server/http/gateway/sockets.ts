import type { ServerWebSocket, WebSocketHandler } from "bun"
import type { Endpoint } from "../../ports/sandbox/port.ts"

/** Longest time an app may take to accept a socket. */
const openMs = 30_000
/** What may wait for the app to accept; a visitor who sends more is cut off. */
const waitingBytes = 4 * 1024 * 1024

export interface SocketData {
  endpoint: Endpoint
  /** Path and query. */
  path: string
  headers: Record<string, string>
  protocols: string[]
  release: () => void
  upstream: WebSocket | null
  waiting: (string | Buffer<ArrayBuffer>)[]
  waitingSize: number
}

/** Both ends of a visitor's socket: what one side says the other hears, in order, and each end ends the other. */
export const sockets: WebSocketHandler<SocketData> = {
  open: (visitor) => connect(visitor),
  message: (visitor, message) => {
    const { upstream } = visitor.data
    if (upstream?.readyState === WebSocket.OPEN) {
      upstream.send(typeof message === "string" ? message : new Uint8Array(message))
      return
    }
    visitor.data.waiting.push(typeof message === "string" ? message : Buffer.from(message))
    visitor.data.waitingSize += message.length
    if (visitor.data.waitingSize > waitingBytes) visitor.close(1009, "too much before the app was ready")
  },
  close: (visitor, code, reason) => {
    visitor.data.release()
    visitor.data.upstream?.close(sendable(code), reason)
  },
}

function connect(visitor: ServerWebSocket<SocketData>): void {
  const { endpoint, path, headers, protocols } = visitor.data
  // Bun takes headers here; the browser's type of the same name does not know that.
  const options: unknown = { headers, protocols }
  const upstream = new WebSocket(`ws://${endpoint.host}:${endpoint.port}${path}`, options as string[])
  upstream.binaryType = "arraybuffer"
  visitor.data.upstream = upstream
  const timer = setTimeout(() => upstream.close(), openMs)
  upstream.addEventListener("open", () => {
    clearTimeout(timer)
    for (const message of visitor.data.waiting.splice(0)) upstream.send(message)
  })
  upstream.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => void visitor.send(data))
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
