import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Incoming {
  method: string
  /** With the query, as it came. */
  url: string
  headers: Headers
  body: Uint8Array
}

export interface Outgoing {
  status: number
  headers: Record<string, string>
  body: Uint8Array | string
  /** The connection breaks before the answer, or in the middle of it; or nothing ever comes. */
  spoiled?: "lost" | "cut" | "silent"
}

export interface Listening {
  port: number
  close(): Promise<void>
}

/** Listens on loopback. Node's server, since it can break a connection off without a word. */
export async function listen(handle: (request: Incoming) => Promise<Outgoing>, port = 0): Promise<Listening> {
  const server = createServer((request, response) => {
    void read(request)
      .then(handle)
      .then((answer) => write(response, answer))
      .catch(() => response.socket?.destroy())
  })
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

async function read(request: IncomingMessage): Promise<Incoming> {
  const parts = await Array.fromAsync(request as AsyncIterable<Uint8Array>)
  const headers = new Headers()
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.append(request.rawHeaders[i] ?? "", request.rawHeaders[i + 1] ?? "")
  }
  return { method: request.method ?? "GET", url: request.url ?? "/", headers, body: Buffer.concat(parts) }
}

function write(response: ServerResponse, { status, headers, body, spoiled }: Outgoing): void {
  if (spoiled === "silent") return
  // The answer's own `destroy` would say "200" first.
  if (spoiled === "lost") return void response.socket?.destroy()
  const bytes = typeof body === "string" ? Buffer.from(body) : body
  if (status === 204 || status === 304) return void response.writeHead(status, headers).end()
  response.writeHead(status, { ...headers, "content-length": String(bytes.length) })
  if (spoiled !== "cut") return void response.end(bytes)
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy())
}
