import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { createGoChatClient } from "../../shared/client.ts"
import { startTestServer, type TestServer } from "../testing/server.ts"

let server: TestServer
let cookie: string
let apiKey: string
const page = "https://partner.example"

beforeAll(async () => {
  server = await startTestServer({ CORS_ORIGINS: page })
  ;({ cookie, apiKey } = await server.signUp("mia@example.com"))
})
afterAll(() => server.stop())

/** Renames the account; who could do that could do anything. */
const rename = (headers: Record<string, string>) =>
  fetch(`${server.url}/trpc/account.update`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ name: "Mia" }),
  })

describe("a page that uses the browser's cookie", () => {
  test("may be ours, by any of its addresses", async () => {
    const { port, publicUrl } = server.services.config
    for (const origin of [publicUrl, `http://localhost:${port}`, `http://127.0.0.1:${port}`, page]) {
      expect((await rename({ cookie, origin })).status).toBe(200)
    }
    expect((await rename({ cookie, "sec-fetch-site": "same-origin" })).status).toBe(200)
  })

  test.each([
    ["a preview, which is the same site", () => `http://draft--shop.${server.services.config.previewDomain}`],
    ["another port", () => "http://localhost:1"],
    ["the same name over https", () => server.services.config.publicUrl.replace("http:", "https:")],
    ["no page at all", () => "null"],
    ["a name that begins like ours", () => `${server.services.config.publicUrl}.evil.example`],
    ["somewhere else", () => "https://evil.example"],
  ])("is refused when it is %s", async (_, origin) => {
    const answer = await rename({ cookie, origin: origin(), "sec-fetch-site": "same-site" })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ kind: "forbidden", status: 403, instance: "/trpc/account.update" })
  })

  test("is refused when it does not say where it is from", async () => {
    expect((await rename({ cookie })).status).toBe(403)
    for (const site of ["same-site", "cross-site", "none"]) {
      expect((await rename({ cookie, "sec-fetch-site": site })).status).toBe(403)
    }
  })

  test("cannot sign somebody in or out from elsewhere", async () => {
    const post = (path: string, headers: Record<string, string>) =>
      fetch(`${server.url}/api/auth/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: "https://evil.example", ...headers },
        body: JSON.stringify({ email: "mia@example.com", password: "correct horse" }),
      })
    expect((await post("sign-out", { cookie })).status).toBe(403)
    expect((await post("sign-in/email", {})).status).toBe(403)
  })

  test("a cookie is not made good by credentials that are none", async () => {
    const origin = "https://evil.example"
    expect((await rename({ cookie, origin, authorization: "Basic bWlhOm1pYQ==" })).status).toBe(403)
    expect((await rename({ cookie, origin, authorization: "Bearer x" })).status).toBe(401)
    expect((await rename({ cookie, origin, "x-api-key": "x" })).status).toBe(401)
  })
})

describe("asking with the cookie", () => {
  const ask = (path: string, headers: Record<string, string>) =>
    fetch(server.url + path, { headers: { cookie, ...headers } })

  test("is for our pages and for links, not for scripts of other pages", async () => {
    const script = { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" }
    expect((await ask("/trpc/account.get", script)).status).toBe(401)
    expect((await ask("/trpc/account.get", { ...script, "sec-fetch-site": "cross-site" })).status).toBe(401)
    expect(await (await ask("/trpc/account.watch", script)).text()).toContain("UNAUTHORIZED")

    expect((await ask("/trpc/account.get", { ...script, "sec-fetch-site": "same-origin" })).status).toBe(200)
    expect((await ask("/trpc/account.get", { ...script, "sec-fetch-mode": "navigate" })).status).toBe(200)
    expect((await ask("/trpc/account.get", { ...script, "sec-fetch-mode": "cors", origin: page })).status).toBe(200)
  })
})

describe("programs", () => {
  test("with a key need no origin", async () => {
    expect((await rename({ "x-api-key": apiKey })).status).toBe(200)
    expect((await rename({ authorization: `Bearer ${apiKey}` })).status).toBe(200)
  })

  test("with a cookie name the server's address, as the typed client does", async () => {
    const client = createGoChatClient({ url: server.url, cookie })
    expect(await client.account.update.mutate({ name: "Mia" })).toMatchObject({ name: "Mia" })
  })
})

describe("CORS", () => {
  const preflight = (origin: string) =>
    fetch(`${server.url}/trpc/account.update`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" },
    })

  test("lets in the pages of the list and nobody else", async () => {
    const allowed = await preflight(page)
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get("access-control-allow-origin")).toBe(page)
    expect(allowed.headers.get("access-control-allow-headers")).toContain("x-api-key")
    for (const origin of ["https://evil.example", `${page}.evil.example`, `https://sub.partner.example`]) {
      expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull()
    }
    const read = await fetch(`${server.url}/trpc/system.info`, { headers: { origin: page } })
    expect(read.headers.get("access-control-allow-origin")).toBe(page)
    expect(read.headers.get("vary")).toContain("origin")
    expect((await fetch(`${server.url}/trpc/system.info`)).headers.get("access-control-allow-origin")).toBeNull()
  })
})
