import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import type { Server, ServerWebSocket } from "bun"
import { user } from "../../../drizzle/schema/account.ts"
import { projectMembers, projects } from "../../../drizzle/schema/project.ts"
import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import { Hub } from "../../features/event/hub.ts"
import { newId } from "../../lib/ids.ts"
import { testDatabase, type TestDatabase } from "../../testing/database.ts"
import { type Gateway, gateway } from "./gateway.ts"
import { Codes, passSetCookie } from "./pass.ts"
import type { SocketData } from "./sockets.ts"

const slug = "shop"
const projectId = newId()
const [memberId, strangerId] = [newId(), newId()]
let database: TestDatabase
let app: Server<undefined>
let front: Server<SocketData>
let door: Gateway
let services: Services
let host: (name: string) => string
/** What `wake` does in the test at hand. */
let waking: () => Promise<void> = async () => {}
const hung: (() => void)[] = []

beforeAll(async () => {
  database = await testDatabase()
  await database.db.insert(user).values([
    { id: memberId, name: "Member", email: "member@example.com" },
    { id: strangerId, name: "Stranger", email: "stranger@example.com" },
  ])
  await database.db
    .insert(projects)
    .values({ id: projectId, title: "Shop", slug, template: "static", liveSha: "a".repeat(40) })
  await database.db.insert(projectMembers).values({ projectId, userId: memberId, role: "owner" })
  app = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: answerOfApp, websocket: echo })
  front = Bun.serve<SocketData>({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (request, server) => door.fetch(request, server),
    websocket: {
      open: (socket) => door.websocket.open?.(socket),
      message: (socket, message) => door.websocket.message?.(socket, message),
      close: (socket, code, reason) => door.websocket.close?.(socket, code, reason),
    },
  })
  const previewDomain = `preview.gochat.localhost:${front.port}`
  host = (name) => `${name}.${previewDomain}`
  services = {
    config: { previewDomain, publicUrl: `http://gochat.localhost:${front.port}`, secretKey: "s".repeat(32) },
    db: database.db,
    hub: new Hub({ db: database.db, notifies: false, onError: () => {} }),
    log: { error: () => {} },
    sandboxes: {
      wake: async () => {
        await waking()
        return { host: "127.0.0.1", port: app.port }
      },
      touch: () => {},
    },
    repository: { resolve: async (_: string, sha: string) => (sha === "abcdef1" ? `${sha}${"0".repeat(33)}` : null) },
  } as unknown as Services
  door = gateway(services, { startMs: 300, patienceMs: 300 })
})
afterAll(async () => {
  for (const answer of hung) answer()
  await front.stop(true)
  await app.stop(true)
  await database.close()
})

const echo = {
  message: (socket: ServerWebSocket, message: string | Buffer) => void socket.send(message),
}

async function answerOfApp(request: Request, server: Server<undefined>): Promise<Response | undefined> {
  const { pathname } = new URL(request.url)
  const seen = { method: request.method, path: pathname, headers: Object.fromEntries(request.headers) }
  if (request.headers.get("upgrade") === "websocket") {
    sawSocket(seen.headers)
    const protocol = request.headers.get("sec-websocket-protocol")
    server.upgrade(request, protocol === null ? undefined : { headers: { "sec-websocket-protocol": protocol } })
    return undefined
  }
  switch (pathname) {
    case "/page":
      return new Response("<!doctype html><html><head><title>x</title></head><body>hello</body></html>", {
        headers: { "content-type": "text/html", "content-security-policy": "default-src 'self'" },
      })
    case "/split":
      return new Response(slowly(["<!doctype html><ht", "ml><he", "ad", "></head><bo", "dy>hello</body></html>"]), {
        headers: { "content-type": "text/html" },
      })
    case "/cookies": {
      const headers = new Headers([
        ["set-cookie", "cart=1; Domain=gochat.localhost; Path=/"],
        ["set-cookie", "__Host-gochat=stolen; Path=/; Secure"],
        ["set-cookie", "__host-gochat-draft=stolen; Path=/; Secure"],
      ])
      return new Response("ok", { headers })
    }
    case "/away":
      return new Response(null, { status: 302, headers: { location: "/elsewhere" } })
    case "/hang":
      await new Promise<void>((resolve) => hung.push(resolve))
      return new Response("late")
    case "/events":
      return new Response(slowly([`data: ${JSON.stringify(seen.headers)}\n\n`, "data: two\n\n"]), {
        headers: { "content-type": "text/event-stream" },
      })
    case "/upload": {
      let bytes = 0
      for await (const chunk of request.body ?? []) bytes += (chunk as Uint8Array).length
      return Response.json({ bytes })
    }
    case "/download":
      return new Response(megabytes(100))
    default:
      return Response.json(seen)
  }
}

let sawSocket: (headers: Record<string, string>) => void = () => {}

function slowly(parts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      for (const part of parts) {
        controller.enqueue(new TextEncoder().encode(part))
        await new Promise((resolve) => setImmediate(resolve))
      }
      controller.close()
    },
  })
}

function megabytes(count: number): ReadableStream<Uint8Array> {
  let left = count
  return new ReadableStream({
    pull(controller) {
      if (left-- === 0) controller.close()
      else controller.enqueue(new Uint8Array(1024 * 1024))
    },
  })
}

const pass = (userId = memberId) => passSetCookie(services.config, projectId, userId).split(";")[0] ?? ""
const page = { accept: "text/html", "sec-fetch-mode": "navigate" }

function get(name: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { host: host(name), ...(init.headers as Record<string, string>) }
  return fetch(`http://127.0.0.1:${front.port}${path}`, { redirect: "manual", ...init, headers })
}

interface Seen {
  method: string
  path: string
  headers: Record<string, string>
}
const seenBy = async (answer: Response) => (await answer.json()) as Seen

describe("who may look", () => {
  test("live is public, what is not ours is a page of ours", async () => {
    expect((await get(slug, "/")).status).toBe(200)
    for (const name of ["unknown", "a--b--c", "xx--shop"])
      expect((await get(name, "/", { headers: page })).status).toBe(404)
  })

  test("a draft needs a pass: pages are sent to the door, calls are refused, strangers get nothing", async () => {
    const sent = await get(`draft--${slug}`, "/list?a=1", { headers: page })
    expect(sent.status).toBe(302)
    const to = new URL(sent.headers.get("location") ?? "")
    expect(to.origin + to.pathname).toBe(`${services.config.publicUrl}/preview/enter`)
    expect(to.searchParams.get("host")).toBe(host(`draft--${slug}`))
    expect(to.searchParams.get("to")).toBe("/list?a=1")
    expect((await get(`draft--${slug}`, "/data")).status).toBe(401)
    expect((await get(`draft--${slug}`, "/data", { headers: { cookie: pass(strangerId) } })).status).toBe(401)
    expect((await get("draft--unknown", "/data")).status).toBe(401)
    expect((await get(`draft--${slug}`, "/data", { headers: { cookie: `${pass()}x` } })).status).toBe(401)
    expect((await get(`draft--${slug}`, "/data", { headers: { cookie: pass() } })).status).toBe(200)
  })

  test("a version is found by its first digits, for members only", async () => {
    expect((await get(`abcdef1--${slug}`, "/data")).status).toBe(401)
    expect((await get(`abcdef1--${slug}`, "/data", { headers: { cookie: pass() } })).status).toBe(200)
    expect((await get(`1234567--${slug}`, "/data", { headers: { cookie: pass() } })).status).toBe(404)
  })

  test("a code is good once, for one host, for 30 seconds, and leads only to a path", async () => {
    let now = 0
    const codes = new Codes(() => now)
    const claim = { host: "h", projectId, userId: memberId }
    const code = codes.mint(claim)
    expect(codes.redeem(code, "other")).toBeNull()
    expect(codes.redeem(code, "h")).toBeNull()
    const good = codes.mint(claim)
    expect(codes.redeem(good, "h")).toMatchObject({ projectId, userId: memberId })
    expect(codes.redeem(good, "h")).toBeNull()
    const late = codes.mint(claim)
    now = 30_001
    expect(codes.redeem(late, "h")).toBeNull()
    const asked = await get(`draft--${slug}`, "/__gochat/enter?code=no&to=//evil.example", { headers: page })
    expect(new URL(asked.headers.get("location") ?? "").searchParams.get("to")).toBe("/")
  })

  test("no spelling of another host is taken for a path", async () => {
    const wanted = [
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "/\t\\evil.example",
      "/.//evil.example",
      "x",
    ]
    for (const to of wanted) {
      const path = `/__gochat/enter?code=no&to=${encodeURIComponent(to)}`
      const asked = await get(`draft--${slug}`, path, { headers: page })
      expect(new URL(asked.headers.get("location") ?? "").searchParams.get("to")).toBe("/")
    }
  })

  test("a page of another app cannot use the visitor's pass; opening the draft can", async () => {
    const ask = async (headers: Record<string, string>, method = "GET") =>
      (await get(`draft--${slug}`, "/data", { method, headers: { cookie: pass(), ...headers } })).status
    const sibling = { "sec-fetch-site": "same-site", origin: `http://${host("evil")}` }
    expect(await ask({ ...sibling, "sec-fetch-mode": "no-cors" })).toBe(401)
    expect(await ask({ ...sibling, "sec-fetch-mode": "cors" }, "POST")).toBe(401)
    expect(await ask({ ...sibling, "sec-fetch-mode": "navigate" }, "POST")).toBe(401)
    expect(await ask({ origin: "http://evil.example" }, "POST")).toBe(401)
    expect(await ask({ "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate" })).toBe(200)
    expect(await ask({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }, "POST")).toBe(200)
    expect(await ask({ origin: `http://${host(`draft--${slug}`)}` }, "POST")).toBe(200)
  })
})

describe("what passes through", () => {
  const ours = () => ({
    cookie: `a=1; ${pass()}; __Host-gochat=secret; b=2`,
    authorization: "Bearer secret",
    "x-api-key": "secret",
    "x-gochat-ip": "1.2.3.4",
  })

  test("cookies and keys of ours never reach the app: HTTP, events, sockets", async () => {
    const http = await seenBy(await get(slug, "/echo", { headers: ours() }))
    expect(http.headers["cookie"]).toBe("a=1; b=2")
    expect(JSON.stringify(http)).not.toMatch(/secret|x-gochat|__Host/)
    expect(http.headers["x-forwarded-host"]).toBe(host(slug))
    const events = await (await get(slug, "/events", { headers: ours() })).text()
    expect(events).toContain("data: two")
    expect(events).not.toMatch(/secret|__Host/)
    const seen = Promise.withResolvers<Record<string, string>>()
    sawSocket = seen.resolve
    const options: unknown = { headers: { host: host(slug), ...ours() }, protocols: ["vite-hmr"] }
    const socket = new WebSocket(`ws://127.0.0.1:${front.port}/ws?token=t`, options as string[])
    const answer = Promise.withResolvers<unknown>()
    socket.addEventListener("open", () => socket.send("hello"))
    socket.addEventListener("message", ({ data }) => answer.resolve(data))
    socket.addEventListener("error", () => answer.reject(new Error("the socket failed")))
    expect(await answer.promise).toBe("hello")
    expect(socket.protocol).toBe("vite-hmr")
    expect(JSON.stringify(await seen.promise)).not.toMatch(/secret|__Host|x-gochat/)
    socket.close()
  })

  test("a socket of a foreign page is refused", async () => {
    const headers = { upgrade: "websocket", connection: "Upgrade", origin: "http://evil.example", cookie: pass() }
    expect((await get(`draft--${slug}`, "/ws", { headers })).status).toBe(401)
    expect((await get(slug, "/ws", { headers })).status).toBe(403)
  })

  test("an app can set cookies for its own host only, and none of ours", async () => {
    const answer = await get(slug, "/cookies")
    expect(answer.headers.getSetCookie()).toEqual(["cart=1; Path=/"])
  })

  test("redirects are the visitor's to follow", async () => {
    const answer = await get(slug, "/away")
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/elsewhere"])
  })

  test("a draft page gets our script first and may only be framed by us; live stays as it is", async () => {
    for (const path of ["/page", "/split"]) {
      const draft = await get(`draft--${slug}`, path, { headers: { ...page, cookie: pass() } })
      expect(await draft.text()).toContain('<head><script src="/__gochat/preview.js"></script>')
      expect(draft.headers.get("content-security-policy")).toContain(
        `frame-ancestors 'self' ${services.config.publicUrl}`,
      )
    }
    const live = await get(slug, "/page", { headers: page })
    expect(await live.text()).not.toContain("__gochat")
    expect(live.headers.get("content-security-policy")).toBe("default-src 'self'")
    const script = await (await get(`draft--${slug}`, "/__gochat/preview.js")).text()
    expect(script).toContain(JSON.stringify(services.config.publicUrl))
    expect(() => new Bun.Transpiler({ loader: "js" }).scan(script)).not.toThrow()
  })

  test("100 MB up and down stream through flat memory", async () => {
    Bun.gc(true)
    const before = process.memoryUsage().rss
    const up = await get(slug, "/upload", { method: "POST", body: megabytes(100) })
    expect(await up.json()).toEqual({ bytes: 100 * 1024 * 1024 })
    let down = 0
    for await (const chunk of (await get(slug, "/download")).body ?? []) down += (chunk as Uint8Array).length
    expect(down).toBe(100 * 1024 * 1024)
    Bun.gc(true)
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
  })
})

describe("an app that cannot answer", () => {
  test("one that hangs gets a page in its place, others answer meanwhile", async () => {
    const hanging = get(slug, "/hang", { headers: page })
    expect((await get(slug, "/echo")).status).toBe(200)
    const answer = await hanging
    expect(answer.status).toBe(504)
    expect(await answer.text()).toContain("did not answer")
  })

  test("one that starts slowly, one that failed, one too many: words and a status each", async () => {
    const cases: [() => Promise<void>, number, string][] = [
      [() => new Promise(() => {}), 503, "Starting your app"],
      [
        () => Promise.reject(new AppError("sandbox_failed", "error: <b>boom</b>")),
        502,
        "error: &lt;b&gt;boom&lt;/b&gt;",
      ],
      [() => Promise.reject(new AppError("limit_containers")), 503, "Too many apps are running"],
      [() => Promise.reject(new Error("secret internals")), 500, "Something went wrong on our side"],
    ]
    for (const [wake, status, words] of cases) {
      waking = wake
      const answer = await get(slug, "/", { headers: page })
      expect(answer.status).toBe(status)
      const text = await answer.text()
      expect(text).toContain(words)
      expect(text).not.toContain("secret internals")
    }
    waking = () => Promise.reject(new AppError("sandbox_failed", "it fell over"))
    expect(await (await get(slug, "/api")).json()).toMatchObject({ status: 502, detail: "it fell over" })
    waking = async () => {}
  })
})
