import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import type { Server } from "bun"
import { cookiesForApp } from "./cookies.ts"
import { page, startTestPreview, type TestPreview } from "../../testing/preview.ts"

let app: Server<undefined>
let preview: TestPreview
/** What the app answers next. */
let answer: (request: Request) => Response = (request) => Response.json(Object.fromEntries(request.headers))
let sawSocket: (headers: Record<string, string>) => void = () => {}

beforeAll(async () => {
  app = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, server) => {
      if (request.headers.get("upgrade") !== "websocket") return answer(request)
      sawSocket(Object.fromEntries(request.headers))
      const protocol = request.headers.get("sec-websocket-protocol")
      return void server.upgrade(
        request,
        protocol === null ? undefined : { headers: { "sec-websocket-protocol": protocol } },
      )
    },
    websocket: { message: (socket, message) => void socket.send(message) },
  })
  preview = await startTestPreview({ host: "127.0.0.1", port: app.port ?? 0 })
})
afterAll(async () => {
  await preview.close()
  await app.stop(true)
})

/** What the app sends with an answer, as the visitor gets it. */
async function passed(headers: [string, string][], name = "shop"): Promise<Headers> {
  const given = new Headers()
  for (const [key, value] of headers) given.append(key, value)
  answer = () => new Response("ok", { headers: given })
  return (await preview.get(name, "/", { headers: { cookie: preview.pass(name) } })).headers
}

describe("towards the app", () => {
  const secrets = () => ({
    cookie: [
      "a=1",
      preview.pass("shop"),
      "__Host-gochat=secret",
      "  __host-GOCHAT-cache=secret",
      "\t__Host-gochat-brief = secret",
      "=__Host-gochat=secret",
      "\u00A0__Host-gochat=secret",
      '"__Host-gochat"=secret',
      "b=2",
    ].join(";"),
    Authorization: "Bearer secret",
    "PROXY-AUTHORIZATION": "Basic secret",
    "X-Api-Key": "secret",
    "X-GoChat-Ip": "1.2.3.4",
    "x-forwarded-for": "1.2.3.4",
    forwarded: "for=1.2.3.4",
    connection: "x-only-here, keep-alive",
    "x-only-here": "secret",
  })
  const clean = (headers: Record<string, string>) => {
    expect(headers["cookie"]).toBe("a=1; b=2")
    expect(JSON.stringify(headers)).not.toMatch(/secret|x-gochat|__host|1\.2\.3\.4/i)
    expect(headers["x-forwarded-host"]).toBe(preview.host("shop"))
  }

  test("nothing that is ours goes along: calls, event streams, sockets", async () => {
    answer = (request) => Response.json(Object.fromEntries(request.headers))
    clean((await (await preview.get("shop", "/", { headers: secrets() })).json()) as Record<string, string>)
    answer = (request) =>
      new Response(`data: ${JSON.stringify(Object.fromEntries(request.headers))}\n\n`, {
        headers: { "content-type": "text/event-stream" },
      })
    const events = await (await preview.get("shop", "/", { headers: secrets() })).text()
    clean(JSON.parse(events.slice("data: ".length)) as Record<string, string>)

    const seen = Promise.withResolvers<Record<string, string>>()
    sawSocket = seen.resolve
    const headers: Record<string, string> = { ...secrets(), host: preview.host("shop") }
    delete headers["connection"]
    delete headers["x-only-here"]
    const options: unknown = { headers, protocols: ["vite-hmr"] }
    const socket = new WebSocket(`ws://127.0.0.1:${preview.port}/ws?token=t`, options as string[])
    const echoed = Promise.withResolvers<unknown>()
    socket.addEventListener("open", () => socket.send("hello"))
    socket.addEventListener("message", ({ data }) => echoed.resolve(data))
    socket.addEventListener("error", () => echoed.reject(new Error("the socket failed")))
    expect(await echoed.promise).toBe("hello")
    expect(socket.protocol).toBe("vite-hmr")
    clean(await seen.promise)
    socket.close()
  })

  test("a socket of a foreign page is refused", async () => {
    const cookie = preview.pass("draft--shop")
    const headers = { upgrade: "websocket", connection: "Upgrade", origin: "http://evil.example", cookie }
    expect((await preview.get("draft--shop", "/ws", { headers })).status).toBe(401)
    expect((await preview.get("shop", "/ws", { headers })).status).toBe(403)
  })
})

describe("towards the visitor", () => {
  test("an app sets cookies for its own host only, and none that we would read", async () => {
    const headers = await passed([
      ["set-cookie", "cart=1; Domain=gochat.localhost; Path=/"],
      ["set-cookie", "cart=2;DOMAIN = .localhost;path=/"],
      ["set-cookie", "__Host-gochat=stolen; Path=/; Secure"],
      ["set-cookie", "__host-gochat-draft=stolen; Path=/; Secure"],
      ["set-cookie", "=__Host-gochat-draft=stolen; Path=/; Secure"],
      ["set-cookie", " \t__Host-gochat-cache =stolen; Path=/; Secure"],
      ["set-cookie", "__Host-own=fine; Path=/; Secure"],
      ["set-cookie2", "__Host-gochat=stolen"],
    ])
    expect(headers.getSetCookie()).toEqual(["cart=1; Path=/", "cart=2;path=/", "__Host-own=fine; Path=/; Secure"])
    expect(headers.has("set-cookie2")).toBe(false)
  })

  test("what reaches beyond the app's own host is not passed on", async () => {
    const kept = await passed([
      ["clear-site-data", '"cookies"'],
      ["strict-transport-security", "max-age=99999999; includeSubDomains; preload"],
      ["public-key-pins", "x"],
      ["alt-svc", 'h3="evil.example:443"'],
      ["nel", "{}"],
      ["set-login", "logged-out"],
      ["www-authenticate", "Basic realm=x"],
      ["x-accel-redirect", "/etc/passwd"],
      ["x-sendfile", "/etc/passwd"],
      ["x-gochat-ip", "x"],
      ["service-worker-allowed", "/"],
      ["cross-origin-opener-policy", "same-origin"],
      ["access-control-allow-origin", "*"],
      ["etag", '"1"'],
    ])
    const names = [...kept.keys()].filter((name) => !["date", "content-length", "content-type"].includes(name))
    expect(names.toSorted()).toEqual([
      "access-control-allow-origin",
      "cross-origin-opener-policy",
      "etag",
      "service-worker-allowed",
    ])
  })

  test("redirects are the visitor's to follow", async () => {
    answer = () => new Response(null, { status: 302, headers: { location: "/elsewhere" } })
    const sent = await preview.get("shop", "/away")
    expect([sent.status, sent.headers.get("location")]).toEqual([302, "/elsewhere"])
  })
})

describe("who may frame it", () => {
  const closed: [string, string][] = [
    ["x-frame-options", "DENY"],
    ["content-security-policy", "default-src 'self'; frame-ancestors 'none'; img-src *"],
  ]
  const framers = () => `frame-ancestors 'self' ${preview.services.config.publicUrl}`

  test.each(["draft--shop", "abcdef1--shop"])("%s: we and itself, whatever the app says of that", async (name) => {
    const headers = await passed(closed, name)
    expect(headers.get("content-security-policy")).toBe(`default-src 'self'; img-src *, ${framers()}`)
    expect(headers.has("x-frame-options")).toBe(false)
    expect((await passed([], name)).get("content-security-policy")).toBe(framers())
    expect((await passed([["cache-control", "public, s-maxage=9, max-age=60"]], name)).get("cache-control")).toBe(
      "private, max-age=60",
    )
  })

  test("public live: as the app says", async () => {
    const headers = await passed([...closed, ["cache-control", "public, max-age=60"]])
    expect(headers.get("content-security-policy")).toBe("default-src 'self'; frame-ancestors 'none'; img-src *")
    expect(headers.get("x-frame-options")).toBe("DENY")
    expect(headers.get("cache-control")).toBe("public, max-age=60")
    const silent = await passed([])
    expect([silent.get("content-security-policy"), silent.get("x-frame-options")]).toEqual([null, null])
  })

  test("our own pages load nothing and run nothing", async () => {
    const { headers } = await preview.get("unknown", "/", { headers: page })
    expect(headers.get("content-security-policy")).toStartWith("default-src 'none'; style-src 'unsafe-inline'")
  })
})

test("many blanks within a cookie cost no time", () => {
  const cookie = `a=1${" ".repeat(15_000)}x; \t b=2\t `
  const request = new Request("http://shop.localhost/", { headers: { cookie } })
  const began = performance.now()
  for (let index = 0; index < 20; index++) expect(cookiesForApp(request)).toBe(`a=1${" ".repeat(15_000)}x; b=2`)
  expect(performance.now() - began).toBeLessThan(500)
})
