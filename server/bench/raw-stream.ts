import { connect, type Socket } from "node:net"

/** A GET that never ends, on a bare socket: cheap enough that the reader is not what is measured. */
export interface RawStream {
  /** Resolves when the first bytes have come. */
  readonly opened: Promise<void>
  readonly close: () => void
}

export function openRawStream(
  port: number,
  path: string,
  headers: Record<string, string>,
  onText: (text: string) => void,
): RawStream {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket: Socket = connect(port, "127.0.0.1", () => {
    const lines = Object.entries({ host: `127.0.0.1:${port}`, accept: "text/event-stream", ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    )
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`)
  })
  socket.setEncoding("utf8")
  socket.on("data", (text: string) => {
    resolve()
    onText(text)
  })
  socket.on("error", reject)
  return { opened: promise, close: () => socket.destroy() }
}
