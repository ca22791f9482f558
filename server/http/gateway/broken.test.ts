import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { connect, type Socket } from "node:net"
import { AppError } from "../../app-error.ts"
import { SandboxError } from "../../ports/sandbox/port.ts"
import { page, startTestPreview, type TestPreview } from "../../testing/preview.ts"
import { type RawApp, startRawApp } from "../../testing/raw-app.ts"
import { requestRoom } from "./crowd.ts"

let bad: RawApp
let good: RawApp
let preview: TestPreview
/** What the bad app does with a connection. */
let behave: (socket: Socket) => void = () => {}
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"

beforeAll(async () => {
  bad = await startRawApp((socket) => behave(socket))
  good = await startRawApp((socket) => socket.end(ok))
  preview = await startTestPreview(bad, { startMs: 300, patienceMs: 400 })
})
afterAll(async () => {
  await preview.close()
  bad.close()
  good.close()
})

/** The live app behaves well, whatever the draft does. */
const drafts = () => ({ ...page, cookie: preview.pass("draft--shop") })

describe("an app that does not answer as it should", () => {
  const ways: [string, number, (socket: Socket) => void][] = [
    ["says nothing", 504, () => {}],
    ["sends its headers byte by byte", 504, (socket) => drip(socket, "HTTP/1.1 200 OK\r\nx-long: ")],
    ["never ends its headers", 502, (socket) => flood(socket, "HTTP/1.1 200 OK\r\n", "x: y\r\n".repeat(1000))],
    ["answers what is no HTTP", 502, (socket) => socket.end("\0\u0001 what?\r\n\r\n")],
    ["closes without a word", 502, (socket) => socket.destroy()],
  ]
  test.each(ways)("%s: words in its place", async (_, status, way) => {
    behave = way
    preview.wake = async () => bad
    const answer = await preview.get("shop", "/", { headers: page })
    expect(answer.status).toBe(status)
    expect(await answer.text()).toContain(status === 504 ? "did not answer" : "Your app stopped")
    const call = await preview.get("shop", "/data")
    expect([call.status, call.headers.get("content-type")]).toEqual([status, "application/problem+json"])
  })

  const deaths: [string, string][] = [
    ["of a known length", "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nbegun"],
    ["in pieces", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nbegun\r\n"],
  ]
  test.each(deaths)("dies in the middle of a body %s: the visitor learns it, the server goes on", async (_, begun) => {
    behave = (socket) => socket.write(begun, () => setTimeout(() => socket.destroy(), 50))
    preview.wake = async () => bad
    const answer = await preview.get("shop", "/")
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow()
    preview.wake = async () => good
    expect(await (await preview.get("shop", "/")).text()).toBe("ok")
  })

  test("200 hang: the next gets words at once, another app answers meanwhile, and all is well afterwards", async () => {
    const crowded = await startTestPreview(bad, { patienceMs: 3_000 })
    try {
      crowded.services.sandboxes.wake = async (_, kind) => (kind === "draft" ? bad : good)
      let taken = 0
      behave = () => taken++
      const cookie = crowded.pass("draft--shop")
      const ask = () => crowded.get("draft--shop", "/", { headers: { cookie, ...page } })
      // By hand: what Bun sends at once is for the gateway here.
      const head = ["GET / HTTP/1.1", `host: ${crowded.host("draft--shop")}`, `cookie: ${cookie}`, "", ""].join("\r\n")
      const hanging = Array.from({ length: requestRoom.each }, () => {
        const socket = connect(crowded.port, "127.0.0.1")
        socket.write(head)
        return new Promise<string>((resolve) =>
          socket.once("data", (answer) => resolve(answer.toString().slice(0, 12))),
        )
      })
      while (taken < requestRoom.each) await Bun.sleep(5)
      const began = performance.now()
      const refused = await ask()
      expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining("This app is busy")])
      expect(await (await crowded.get("shop", "/")).text()).toBe("ok")
      expect(performance.now() - began).toBeLessThan(1_000)
      expect(new Set(await Promise.all(hanging))).toEqual(new Set(["HTTP/1.1 504"]))
      behave = (socket) => socket.end(ok)
      expect((await ask()).status).toBe(200)
    } finally {
      await crowded.close()
    }
  }, 15_000)
})

describe("an app that is just being switched or restarted", () => {
  const nowhere = { host: "127.0.0.1", port: 1 }

  test("is asked again where it is now, when nothing can happen twice", async () => {
    for (const [method, status] of [
      ["GET", 200],
      ["HEAD", 200],
      ["POST", 502],
    ] as const) {
      let asked = 0
      preview.wake = async () => (asked++ === 0 ? nowhere : good)
      expect((await preview.get("shop", "/", { method })).status).toBe(status)
      expect(asked).toBe(status === 200 ? 2 : 1)
    }
  })

  test("is given a moment, and no more than that", async () => {
    let asked = 0
    preview.wake = async () => (asked++ < 2 ? nowhere : good)
    expect((await preview.get("shop", "/")).status).toBe(200)
    asked = -10
    expect((await preview.get("shop", "/")).status).toBe(502)
    expect(asked).toBe(-7)
  })
})

describe("an app that is not there", () => {
  const engineAway = new AppError("sandbox_failed", "The container engine does not answer.", {
    cause: new SandboxError("The container engine does not answer.", "", "unavailable"),
  })
  const ways: [string, () => Promise<never>, number, string, boolean][] = [
    ["starts slowly", () => new Promise(() => {}), 503, "Starting your app", true],
    [
      "failed",
      () => Promise.reject(new AppError("sandbox_failed", "<b>boom</b>")),
      502,
      "&lt;b&gt;boom&lt;/b&gt;",
      false,
    ],
    [
      "would be one too many",
      () => Promise.reject(new AppError("limit_containers")),
      503,
      "There is no room for this app",
      true,
    ],
    ["has no engine to run on", () => Promise.reject(engineAway), 503, "The container engine does not answer.", true],
    ["comes with a server that closes", () => Promise.reject(new AppError("unavailable")), 503, "right now", true],
    ["met a fault of ours", () => Promise.reject(new Error("secret internals")), 500, "wrong on our side", true],
  ]
  test.each(ways)("%s: words and a status, and whether the page looks again by itself", async (_, wake, ...told) => {
    const [status, words, again] = told
    preview.wake = wake
    const answer = await preview.get("draft--shop", "/", { headers: drafts() })
    expect(answer.status).toBe(status)
    const text = await answer.text()
    expect(text).toContain(words)
    expect(text).not.toContain("secret internals")
    expect(text.includes('http-equiv="refresh"')).toBe(again)
    const call = await preview.get("shop", "/api", { headers: { accept: "*/*" } })
    expect(call.status).toBeGreaterThanOrEqual(429)
  })
})

function drip(socket: Socket, begun: string): void {
  let at = 0
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer)
    else socket.write(begun[at++] ?? "x")
  }, 10)
}

/** Bounded, and only as fast as it is read. */
function flood(socket: Socket, begun: string, more: string, left = 20_000): void {
  socket.write(begun)
  const pour = () => {
    while (left-- > 0 && !socket.destroyed) if (!socket.write(more)) return void socket.once("drain", pour)
  }
  pour()
}
