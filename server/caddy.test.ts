import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { type ClientHttp2Session, connect, type ClientHttp2Stream } from "node:http2"
import type { Server } from "bun"
import { eq } from "drizzle-orm"
import { projects } from "../drizzle/schema/project.ts"
import { createGoChatClient, type GoChatClient } from "../shared/client.ts"
import { freePort } from "./lib/free-port.ts"
import { caddyMissing, startCaddy, type TestCaddy, twoPorts, validateCaddyfile } from "./testing/caddy.ts"
import { git, Kit } from "./testing/gitlab/kit.ts"
import { startTestServer, type TestServer } from "./testing/server.ts"
import { until } from "./testing/until.ts"

describe.skipIf(caddyMissing() !== null)("the Caddyfile", () => {
  const settings: Record<string, string>[] = [
    { GO_CHAT_NAME: "chat.example.com", PREVIEW_DOMAIN: "preview.chat.example.com" },
    { GO_CHAT_NAME: "chat.example.com", PREVIEW_DOMAIN: "apps.example.net", GO_CHAT_UPSTREAM: "app:3000" },
    {
      GO_CHAT_NAME: "chat.example.com",
      PREVIEW_DOMAIN: "preview.chat.example.com",
      GITLAB_NAME: "gitlab.example.com",
      GITLAB_UPSTREAM: "gitlab:8929",
      REGISTRY_NAME: "registry.example.com",
      REGISTRY_UPSTREAM: "gitlab:5050",
    },
    { GO_CHAT_NAME: "chat.localhost", PREVIEW_DOMAIN: "p.localhost", GO_CHAT_TLS: "internal", PREVIEW_TLS: "internal" },
  ]
  test.each(settings)("is valid with %o", async (env) => {
    const said = await validateCaddyfile(env)
    expect(said).toContain("Valid configuration")
    expect(said).not.toContain('"level":"error"')
  })

  test("is formatted as Caddy formats", async () => {
    const child = Bun.spawn(["caddy", "fmt", "Caddyfile"], { cwd: `${import.meta.dir}/..`, stdout: "pipe" })
    expect(await new Response(child.stdout).text()).toBe(await Bun.file(`${import.meta.dir}/../Caddyfile`).text())
  })
})

const megabyte = 1024 ** 2

describe.skipIf(caddyMissing() !== null)("through a real Caddy", () => {
  let server: TestServer
  let caddy: TestCaddy
  let app: Server<undefined>
  let httpPort: number
  let httpsPort: number
  let session: ClientHttp2Session
  let cookie: string
  let client: GoChatClient
  let project: { id: string; slug: string }
  /** What the app got of an upload so far, and what lets it go on with a download. */
  let uploaded = 0
  let goOn = () => {}

  beforeAll(async () => {
    ;[httpPort, httpsPort] = await twoPorts()
    app = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      maxRequestBodySize: 64 * megabyte,
      websocket: { message: (socket, text) => void socket.send(`echo ${String(text)}`) },
      fetch: async (request, own) => {
        const { pathname } = new URL(request.url)
        if (request.headers.get("upgrade") === "websocket") return void own.upgrade(request)
        if (pathname === "/upload") {
          for await (const piece of request.body ?? []) uploaded += piece.length
          return new Response(String(uploaded))
        }
        if (pathname !== "/download") return new Response("the app")
        const wait = new Promise<void>((resolve) => (goOn = resolve))
        const half = new Uint8Array(10 * megabyte).fill(7)
        let sent = 0
        return new Response(
          new ReadableStream({
            pull: async (controller) => {
              if (sent++ > 0) await wait
              controller.enqueue(half)
              if (sent === 2) controller.close()
            },
          }),
        )
      },
    })
    const port = await freePort()
    server = await startTestServer({
      PORT: String(port),
      PUBLIC_URL: `https://gochat.localhost:${httpsPort}`,
      TRUSTED_PROXIES: "127.0.0.1",
    })
    // What is behind the gateway is not what is tried here.
    server.services.sandboxes.wake = async () => ({ host: "127.0.0.1", port: app.port ?? 0 })
    const previewDomain = "preview.gochat.localhost"
    const upstream = `127.0.0.1:${port}`
    caddy = await startCaddy({ name: "gochat.localhost", previewDomain, upstream, httpPort, httpsPort })
    session = open("gochat.localhost")
  }, 30_000)
  afterAll(async () => {
    session?.destroy()
    await caddy?.stop()
    await server?.stop()
    await app?.stop(true)
  })

  const open = (servername: string): ClientHttp2Session => {
    const one = connect(`https://127.0.0.1:${httpsPort}`, { ca: caddy.ca(), servername })
    one.on("error", () => {})
    return one
  }
  const begin = (on: ClientHttp2Session, host: string, path: string, headers: Record<string, string> = {}) =>
    on.request({ ":path": path, ":authority": `${host}:${httpsPort}`, ...headers })

  async function answerOf(stream: ClientHttp2Stream) {
    const headers = Promise.withResolvers<Record<string, string | string[] | undefined>>()
    stream.on("response", headers.resolve)
    stream.on("error", headers.reject)
    let text = ""
    for await (const piece of stream) text += String(piece)
    const got = await headers.promise
    return { status: Number(got[":status"]), headers: got, text }
  }
  const ask = async (path: string, headers: Record<string, string> = {}, body?: object) => {
    const sent = body === undefined ? headers : { ":method": "POST", "content-type": "application/json", ...headers }
    const stream = begin(session, "gochat.localhost", path, sent)
    stream.end(body === undefined ? undefined : JSON.stringify(body))
    return answerOf(stream)
  }
  const origin = () => `https://gochat.localhost:${httpsPort}`
  const preview = (prefix = "") => `${prefix}${project.slug}.preview.gochat.localhost`

  test("somebody signs up over HTTP/2, and HTTP is sent to HTTPS", async () => {
    const person = { name: "Pat", email: "pat@example.com", password: "correct horse" }
    const signedUp = await ask("/api/auth/sign-up/email", { origin: origin() }, person)
    expect(signedUp.status).toBe(200)
    expect(session.alpnProtocol).toBe("h2")
    cookie = [signedUp.headers["set-cookie"] ?? []]
      .flat()
      .map((line) => line.split(";")[0])
      .join("; ")
    const seen = await ask("/api/auth/get-session", { cookie })
    expect(JSON.parse(seen.text)).toMatchObject({ session: { ipAddress: "127.0.0.1" } })
    for (const name of ["gochat.localhost", "shop.preview.gochat.localhost"]) {
      const plain = await fetch(`http://127.0.0.1:${httpPort}/a?b`, { headers: { host: name }, redirect: "manual" })
      expect([plain.status, plain.headers.get("location")]).toEqual([308, `https://${name}/a?b`])
    }
    const itself = await fetch(`http://127.0.0.1:${httpPort}/`, { headers: { host: "localhost" } })
    expect(await itself.text()).toBe("Caddy answers.")
    client = createGoChatClient({ url: server.url, cookie })
    const { id, slug } = await client.project.create.mutate({ title: "Shop" })
    project = { id, slug: slug ?? "shop" }
    const live = { slug: project.slug, liveSha: "a".repeat(40) }
    await server.services.db.update(projects).set(live).where(eq(projects.id, id))
  })

  test("guessing passwords is counted by who asks, and nobody says himself who he is", async () => {
    const guess = { email: "pat@example.com", password: "wrong guess" }
    const answers: number[] = []
    for (let round = 0; round < 11; round++) {
      const headers = { origin: origin(), "x-forwarded-for": `10.1.2.${round}` }
      answers.push((await ask("/api/auth/sign-in/email", headers, guess)).status)
    }
    expect(answers.at(-1)).toBe(429)
  })

  test("ten event streams on one connection get news at once, and end with it", async () => {
    const own = open("gochat.localhost")
    const input = encodeURIComponent(JSON.stringify({ projectId: project.id }))
    const streams = Array.from({ length: 10 }, () => {
      const headers = { cookie, accept: "text/event-stream", "accept-encoding": "gzip, br" }
      const stream = begin(own, "gochat.localhost", `/trpc/event.watch?input=${input}`, headers)
      const seen = { text: "", encoding: "" as string | undefined }
      stream.on("error", () => {})
      stream.on("response", (got) => (seen.encoding = got["content-encoding"]))
      stream.on("data", (piece) => (seen.text += String(piece)))
      return seen
    })
    await until(() => streams.every(({ text }) => text.includes("connected")))
    expect(streams.map(({ encoding }) => encoding)).toEqual(Array(10).fill(undefined))
    const began = performance.now()
    await client.project.update.mutate({ projectId: project.id, title: "Shop for ten" })
    await until(() => streams.every(({ text }) => text.includes("project.changed")))
    expect(performance.now() - began).toBeLessThan(1_000)
    const held = () => [...server.services.auth.streams.values()].reduce((sum, count) => sum + count, 0)
    expect(held()).toBe(10)
    own.destroy()
    await until(() => held() === 0)
  })

  test("apps are found by their host: live for everybody, the draft for members, others have no certificate", async () => {
    const live = open(preview())
    expect(await answerOf(begin(live, preview(), "/"))).toMatchObject({ status: 200, text: "the app" })
    live.destroy()

    const draft = open(preview("draft--"))
    const asPage = { accept: "text/html", "sec-fetch-mode": "navigate" }
    const sent = await answerOf(begin(draft, preview("draft--"), "/x", asPage))
    expect(sent.status).toBe(302)
    const door = new URL(String(sent.headers["location"]))
    expect(door.origin).toBe(origin())
    const redeem = new URL(String((await ask(door.pathname + door.search, { cookie, ...asPage })).headers["location"]))
    expect(redeem.host).toBe(`${preview("draft--")}:${httpsPort}`)
    const let_in = await answerOf(begin(draft, preview("draft--"), redeem.pathname + redeem.search, asPage))
    const pass = String([let_in.headers["set-cookie"] ?? []].flat()[0]).split(";")[0] ?? ""
    expect(await answerOf(begin(draft, preview("draft--"), "/x", { cookie: pass }))).toMatchObject({ text: "the app" })
    draft.destroy()

    for (const name of ["nobody", `0000000--${project.slug}`, "a.b"]) {
      const refused = open(`${name}.preview.gochat.localhost`)
      const { promise, resolve } = Promise.withResolvers<boolean>()
      refused.on("connect", () => resolve(false))
      refused.on("error", () => resolve(true))
      refused.on("close", () => resolve(true))
      expect([name, await promise]).toEqual([name, true])
      refused.destroy()
    }
    expect((await ask(`/api/certificate?domain=gochat.localhost`)).status).toBe(404)
  }, 20_000)

  test("a WebSocket goes through", async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${httpsPort}/socket`, {
      headers: { host: `${preview()}:${httpsPort}`, origin: `https://${preview()}:${httpsPort}` },
      tls: { ca: caddy.ca(), serverName: preview(), checkServerIdentity: () => undefined },
    } as unknown as string[])
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    socket.addEventListener("open", () => socket.send("hello"))
    socket.addEventListener("message", ({ data }) => resolve(data))
    socket.addEventListener("error", reject)
    expect(await promise).toBe("echo hello")
    socket.close()
  })

  test("20 MB go up and come down as they are sent, not when they are whole", async () => {
    const live = open(preview())
    const half = new Uint8Array(10 * megabyte).fill(7)
    const up = begin(live, preview(), "/upload", { ":method": "POST" })
    up.write(half)
    await until(() => uploaded > megabyte)
    up.end(half)
    expect((await answerOf(up)).text).toBe(String(20 * megabyte))

    const down = begin(live, preview(), "/download")
    let got = 0
    down.on("data", (piece: Buffer) => (got += piece.length))
    await until(() => got === 10 * megabyte)
    goOn()
    await until(() => got === 20 * megabyte)
    live.destroy()
  }, 20_000)
})

describe.skipIf(caddyMissing() !== null)("GitLab behind the same Caddy", () => {
  const kit = new Kit()
  afterAll(() => kit.close())

  test("a push and a clone of 30 MB go through, and the API is asked with what it is asked", async () => {
    const gitlab = await kit.gitlab()
    const [httpPort, httpsPort] = await twoPorts()
    const caddy = await startCaddy({
      name: "gochat.localhost",
      previewDomain: "preview.gochat.localhost",
      upstream: "127.0.0.1:9",
      gitlab: { name: "gitlab.localhost", upstream: new URL(gitlab.url).host },
      httpPort,
      httpsPort,
    })
    try {
      await gitlab.createProject({ path: "shop" })
      const folder = await kit.folder()
      await Bun.write(`${folder}/ca.pem`, caddy.ca())
      const trust = ["-c", `http.sslCAInfo=${folder}/ca.pem`]
      const address = `https://oauth2:${gitlab.token}@gitlab.localhost:${httpsPort}/go-chat/shop.git`
      await git(folder, "init", "-q", "-b", "main", "work")
      const blocks = Array.from({ length: 480 }, () => crypto.getRandomValues(new Uint8Array(65_536)))
      await Bun.write(`${folder}/work/layer`, new Blob(blocks))
      const work = `${folder}/work`
      for (const words of [
        ["add", "."],
        ["commit", "-qm", "A layer"],
        [...trust, "push", "-q", address, "main"],
      ]) {
        expect(await git(work, ...words)).toMatchObject({ code: 0 })
      }
      expect(await git(folder, ...trust, "clone", "-q", address, "again")).toMatchObject({ code: 0 })
      expect(await Bun.file(`${folder}/again/layer`).bytes()).toEqual(await Bun.file(`${work}/layer`).bytes())
      const answer = await fetch(`https://gitlab.localhost:${httpsPort}/api/v4/projects/go-chat%2Fshop`, {
        headers: { authorization: `Bearer ${gitlab.token}` },
        tls: { ca: caddy.ca() },
      })
      expect(await answer.json()).toMatchObject({ path_with_namespace: "go-chat/shop" })
    } finally {
      await caddy.stop()
    }
  }, 60_000)
})
