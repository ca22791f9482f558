import { afterAll, beforeAll, expect, test } from "bun:test"
import { startTestPreview, type TestPreview } from "../../testing/preview.ts"
import { type RawApp, startRawApp } from "../../testing/raw-app.ts"

const mb = 1024 * 1024
const gigabyte = 1024 * mb
const block = Buffer.alloc(mb, 97)
let app: RawApp
let preview: TestPreview
/** The most that was in memory at any moment while bytes went through. */
let most = 0

beforeAll(async () => {
  app = await startRawApp((socket, head, rest) => {
    if (head.startsWith("POST")) {
      let bytes = rest.length
      socket.on("data", (chunk) => {
        bytes += chunk.length
        if (bytes === gigabyte) socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${bytes}`)
      })
      socket.resume()
      return
    }
    socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/zip\r\nconnection: close\r\n\r\n")
    let left = 1024
    const pour = () => {
      while (left-- > 0 && !socket.destroyed) if (!socket.write(block)) return void socket.once("drain", pour)
      socket.end()
    }
    pour()
  })
  preview = await startTestPreview(app)
})
afterAll(async () => {
  await preview.close()
  app.close()
})

function look(): void {
  most = Math.max(most, process.memoryUsage().rss)
}

test("1 GB up and 1 GB down stream through flat memory", async () => {
  Bun.gc(true)
  const before = process.memoryUsage().rss
  let left = 1024
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      look()
      if (left-- === 0) controller.close()
      else controller.enqueue(block)
    },
  })
  const headers = { "content-length": String(gigabyte) }
  expect(await (await preview.get("shop", "/", { method: "POST", body, headers })).text()).toBe(String(gigabyte))
  let down = 0
  for await (const chunk of (await preview.get("shop", "/")).body ?? []) {
    down += (chunk as Uint8Array).length
    look()
  }
  expect(down).toBe(gigabyte)
  // Both ends are in this process too.
  expect((most - before) / mb).toBeLessThan(250)
}, 120_000)
