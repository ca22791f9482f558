import { createServer, type Socket } from "node:net"
import type { Endpoint } from "../ports/sandbox/port.ts"

/** An app that may do to a connection whatever it likes: no HTTP server stands between. */
export interface RawApp extends Endpoint {
  close(): void
}

/** `answer` gets each connection with the head of its first request, paused; nothing of the body has been read. */
export async function startRawApp(answer: (socket: Socket, head: string, rest: Buffer) => void): Promise<RawApp> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on("error", () => {})
    socket.on("close", () => open.delete(socket))
    let begun = Buffer.alloc(0)
    const read = (chunk: Buffer) => {
      begun = Buffer.concat([begun, chunk])
      const end = begun.indexOf("\r\n\r\n")
      if (end === -1) return
      socket.pause()
      socket.off("data", read)
      answer(socket, begun.subarray(0, end).toString("latin1"), begun.subarray(end + 4))
    }
    socket.on("data", read)
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : 0)
    })
  })
  return {
    host: "127.0.0.1",
    port,
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
