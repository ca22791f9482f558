import { afterAll, beforeAll, expect, test } from "bun:test"
import { createHash } from "node:crypto"
import { connect, type Socket } from "node:net"
import { startTestPreview, type TestPreview } from "../../testing/preview.ts"
import { type RawApp, startRawApp } from "../../testing/raw-app.ts"
import { socketRoom } from "./crowd.ts"

let app: RawApp
let preview: TestPreview
/** What the app does with a socket once it is open; it reads nothing by itself. */
let behave: (socket: Socket) => void = () => {}
const mb = 1024 * 1024

beforeAll(async () => {
  app = await startRawApp((socket, head) => {
    const key = /sec-websocket-key: (.*)/i.exec(head)?.[1]?.trim() ?? ""
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64")
    const lines = ["HTTP/1.1 101 Switching Protocols", "upgrade: websocket", "connection: Upgrade"]
    socket.write([...lines, `sec-websocket-accept: ${accept}`, "", ""].join("\r\n"), () => behave(socket))
  })
  preview = await startTestPreview(app)
})
afterAll(async () => {
  await preview.close()
  app.close()
})

const rss = () => (Bun.gc(true), process.memoryUsage().rss / mb)

function visit(): { socket: WebSocket; opened: Promise<void>; closed: Promise<number> } {
  const options: unknown = { headers: { host: preview.host("shop") } }
  const socket = new WebSocket(`ws://127.0.0.1:${preview.port}/`, options as string[])
  const [opened, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()]
  socket.addEventListener("open", () => opened.resolve())
  socket.addEventListener("error", () => opened.reject(new Error("the socket failed")))
  socket.addEventListener("close", ({ code }) => closed.resolve(code))
  opened.promise.catch(() => {})
  return { socket, opened: opened.promise, closed: closed.promise }
}

/** One unmasked binary message, as a server sends it. */
function message(bytes: number, sent = bytes): Buffer {
  const head = Buffer.alloc(10)
  head.writeUInt8(0x82, 0)
  head.writeUInt8(127, 1)
  head.writeBigUInt64BE(BigInt(bytes), 2)
  return Buffer.concat([head, Buffer.alloc(sent)])
}

test("a visitor who sends more than the app takes is cut off, not kept in memory", async () => {
  behave = () => {}
  const before = rss()
  const { socket, opened, closed } = visit()
  await opened
  const piece = new Uint8Array(mb)
  let sent = 0
  // Bounded: far less than this is taken before the end.
  const timer = setInterval(() => (sent++ < 100 && socket.readyState === WebSocket.OPEN ? socket.send(piece) : 0), 5)
  expect(await closed).toBe(1009)
  clearInterval(timer)
  expect(sent).toBeLessThan(60)
  expect(rss() - before).toBeLessThan(100)
})

test("an app that sends more than the visitor takes is cut off, not kept in memory", async () => {
  const gone = Promise.withResolvers<void>()
  let sent = 0
  behave = (socket) => {
    socket.resume().on("close", () => gone.resolve())
    const one = message(mb)
    const pour = () => {
      while (sent < 200 && !socket.destroyed) {
        sent++
        if (!socket.write(one)) return void socket.once("drain", pour)
      }
    }
    pour()
  }
  const before = rss()
  const visitor = connect(preview.port, "127.0.0.1").on("error", () => {})
  const lines = ["upgrade: websocket", "connection: Upgrade", "sec-websocket-version: 13"]
  const key = `sec-websocket-key: ${Buffer.alloc(16, 1).toString("base64")}`
  visitor.write(["GET / HTTP/1.1", `host: ${preview.host("shop")}`, ...lines, key, "", ""].join("\r\n"))
  visitor.pause()
  await gone.promise
  expect(sent).toBeLessThan(100)
  expect(rss() - before).toBeLessThan(100)
  visitor.destroy()
})

test("a message without end is not waited for", async () => {
  const gone = Promise.withResolvers<void>()
  behave = (socket) => {
    socket.resume().on("close", () => gone.resolve())
    socket.write(message(2 ** 40, 10))
    const block = Buffer.alloc(mb)
    let left = 300
    const pour = () => {
      while (left-- > 0 && !socket.destroyed) if (!socket.write(block)) return void socket.once("drain", pour)
    }
    pour()
  }
  const before = rss()
  const { closed } = visit()
  await Promise.all([closed, gone.promise])
  expect(rss() - before).toBeLessThan(100)
})

test("each end ends the other, and one app has only so many", async () => {
  const open: Socket[] = []
  behave = (socket) => void open.push(socket.resume())
  const visits = Array.from({ length: socketRoom.each }, visit)
  await Promise.all(visits.map(({ opened }) => opened))
  await expect(visit().opened).rejects.toThrow()
  const last = visits.pop()
  last?.socket.close()
  await last?.closed
  await expect(visit().opened).resolves.toBeUndefined()
  for (const socket of open) socket.destroy()
  await Promise.all(visits.map(({ closed }) => closed))
})
