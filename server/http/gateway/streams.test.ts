import { afterAll, beforeAll, expect, test } from "bun:test"
import { connect } from "node:net"
import { startTestPreview, type TestPreview, page } from "../../testing/preview.ts"
import { type RawApp, startRawApp } from "../../testing/raw-app.ts"

let app: RawApp
let preview: TestPreview
let written = 0
const mb = 1024 * 1024
const block = Buffer.alloc(mb, 97)

beforeAll(async () => {
  app = await startRawApp((socket, head, rest) => {
    switch (/^\w+ \/(\w*)/.exec(head)?.[1]) {
      case "download":
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: ${100 * mb}\r\n\r\n`)
        return pour(100)
      case "endless":
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n")
        return pour(300)
      case "upload": {
        let bytes = rest.length
        const announced = Number(/content-length: (\d+)/i.exec(head)?.[1])
        const take = (more: number) => {
          bytes += more
          if (bytes === announced) socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${bytes}`)
        }
        take(0)
        socket.on("data", (chunk) => take(chunk.length))
        socket.resume()
        return undefined
      }
      case "slow":
        return void socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html><head><title>first</title>")
      default:
        // Takes nothing of what is sent to it and says nothing.
        return undefined
    }
    function pour(left: number): void {
      while (left-- > 0 && !socket.destroyed) {
        written += mb
        if (socket.write(block)) continue
        return void socket.once("drain", () => pour(left))
      }
      socket.end()
    }
  })
  preview = await startTestPreview(app, { patienceMs: 400 })
})
afterAll(async () => {
  await preview.close()
  app.close()
})

function rss(): number {
  Bun.gc(true)
  return process.memoryUsage().rss / mb
}

function megabytes(count: number, pauseMs = 0): ReadableStream<Uint8Array> {
  let left = count
  return new ReadableStream({
    async pull(controller) {
      if (pauseMs > 0) await Bun.sleep(pauseMs)
      if (left-- === 0) controller.close()
      else controller.enqueue(block)
    },
  })
}

/** Resolves when the number has not moved for a while. */
async function settled(read: () => number): Promise<number> {
  for (let before = -1; ; await Bun.sleep(150)) {
    const now = read()
    if (now === before && now > 0) return now
    before = now
  }
}

test("100 MB up and down stream through flat memory", async () => {
  const before = rss()
  const headers = { "content-length": String(100 * mb) }
  const up = await preview.get("shop", "/upload", { method: "POST", body: megabytes(100), headers })
  expect(await up.text()).toBe(String(100 * mb))
  const answer = await preview.get("shop", "/download")
  let down = 0
  for await (const chunk of answer.body ?? []) down += (chunk as Uint8Array).length
  expect(down).toBe(100 * mb)
  expect(rss() - before).toBeLessThan(150)
})

test("who reads slowly makes the app wait, not the server's memory grow; who goes away frees it", async () => {
  const before = rss()
  written = 0
  const visitors = Array.from({ length: 3 }, () => {
    const visitor = connect(preview.port, "127.0.0.1")
    visitor.write(`GET /endless HTTP/1.1\r\nhost: ${preview.host("shop")}\r\n\r\n`)
    return visitor.pause()
  })
  expect((await settled(() => written)) / mb).toBeLessThan(100)
  expect(rss() - before).toBeLessThan(100)
  for (const visitor of visitors) visitor.destroy()
})

test("an app that takes nothing makes the visitor wait, and gets no more time", async () => {
  const before = rss()
  let sent = 0
  const body = megabytes(300).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        sent += chunk.length
        controller.enqueue(chunk)
      },
    }),
  )
  const answer = await preview.get("shop", "/", { method: "POST", body, headers: { accept: "text/html" } })
  expect(answer.status).toBe(504)
  expect(sent / mb).toBeLessThan(100)
  expect(rss() - before).toBeLessThan(100)
})

test("a long upload has all the time it needs while the app takes it", async () => {
  const headers = { "content-length": String(8 * mb) }
  const began = performance.now()
  const answer = await preview.get("shop", "/upload", { method: "POST", body: megabytes(8, 100), headers })
  expect(await answer.text()).toBe(String(8 * mb))
  expect(performance.now() - began).toBeGreaterThan(400)
})

test("the beginning of a draft's page is shown before its end is there", async () => {
  const headers = { ...page, cookie: preview.pass("draft--shop") }
  const answer = await preview.get("draft--shop", "/slow", { headers })
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  let text = ""
  while (!text.includes("first")) text += new TextDecoder().decode((await reader.read()).value)
  expect(text).toBe('<html><head><script src="/__gochat/preview.js"></script><title>first</title>')
  await reader.cancel()
})
