import { afterAll, beforeAll, describe, expect, setSystemTime, test } from "bun:test"
import { createGoChatClient, type GoChatClient } from "../../../shared/client.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"
import { believedMs } from "./membership.ts"
import { page } from "../../testing/preview.ts"

/** The whole road from a sign-in to a preview, on a real server. */
let server: TestServer
let mia: { cookie: string; userId: string; apiKey: string }
let ben: typeof mia
let client: GoChatClient
let projectId: string
let host: (prefix: string) => string

beforeAll(async () => {
  server = await startTestServer()
  mia = await server.signUp()
  ben = await server.signUp()
  client = createGoChatClient({ url: server.url, cookie: mia.cookie })
  const project = await client.project.create.mutate({ title: "Shop" })
  projectId = project.id
  host = (prefix) => `${prefix}${project.slug}.${server.services.config.previewDomain}`
})
afterAll(() => server.stop())

function open(at: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.url + path, { redirect: "manual", headers: { host: at, ...headers } })
}

/** Goes where a browser would be sent; the cookie of a person is only for the app's own host. */
async function followed(at: string, cookie: string): Promise<{ pass: string; answers: Response[] }> {
  const appHost = new URL(server.services.config.publicUrl).host
  const answers: Response[] = []
  let url = new URL(`http://${at}/some/page?q=1`)
  let pass = ""
  for (let hops = 0; hops < 5; hops++) {
    const own = url.host === appHost ? cookie : pass
    const answer = await open(url.host, url.pathname + url.search, { ...page, ...(own === "" ? {} : { cookie: own }) })
    answers.push(answer)
    pass =
      answer.headers
        .getSetCookie()
        .find((line) => line.startsWith("__Host-gochat-draft"))
        ?.split(";")[0] ?? pass
    const to = answer.headers.get("location")
    if (to === null) break
    url = new URL(to, url)
  }
  return { pass, answers }
}

describe.each(["draft--", ""])("the road to %sshop", (prefix) => {
  beforeAll(() => client.project.update.mutate({ projectId, liveAccess: "members" }))

  test("ends at the page that was wanted, for a member", async () => {
    const { pass, answers } = await followed(host(prefix), mia.cookie)
    expect(pass).toStartWith("__Host-gochat-draft=")
    expect(answers.slice(0, 4).map(({ status }) => status)).toEqual([302, 302, 302, 302])
    expect(answers[3]?.headers.get("location")).toBe("/some/page?q=1")
    const setCookie = answers[2]?.headers.get("set-cookie") ?? ""
    for (const word of ["Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned"])
      expect(setCookie).toContain(word)
    expect(setCookie).not.toMatch(/domain/i)
    expect((await open(host(prefix), "/__gochat/nothing", { cookie: pass })).status).not.toBe(401)
    // A code in a history entry, used already: the road begins anew.
    const used = new URL(answers[1]?.headers.get("location") ?? "")
    const again = await open(host(prefix), used.pathname + used.search, page)
    expect(again.headers.get("location")).toContain("/preview/enter?")
    expect(again.headers.getSetCookie()).toEqual([])
  })

  test("does not go round for ever where the browser keeps no pass", async () => {
    const { answers } = await followed(host(prefix), mia.cookie)
    const check = answers[2]?.headers.get("location") ?? ""
    const words = await open(host(prefix), check, page)
    expect(words.status).toBe(403)
    expect(await words.text()).toContain('href="/some/page?q=1" target="_blank"')
  })

  test("ends in words for others", async () => {
    const stranger = await followed(host(prefix), ben.cookie)
    expect(stranger.pass).toBe("")
    expect(stranger.answers.at(-1)?.status).toBe(prefix === "" ? 403 : 404)
    const nobody = await followed(host(prefix), "")
    expect(nobody.answers.at(-1)?.status).toBe(401)
    expect(await nobody.answers.at(-1)?.text()).toContain("Sign in")
  })

  test("is not needed with a member's key, and a key that is removed opens nothing more", async () => {
    expect((await open(host(prefix), "/", { "x-api-key": mia.apiKey })).status).not.toBe(401)
    expect((await open(host(prefix), "/", { authorization: `Bearer ${mia.apiKey}` })).status).not.toBe(401)
    expect((await open(host(prefix), "/", { "x-api-key": ben.apiKey })).status).toBe(401)
  })
})

test("a code is not given for a host that is no preview, nor by somebody else's page", async () => {
  const appHost = new URL(server.services.config.publicUrl).host
  const ask = (at: string, headers: Record<string, string> = {}) =>
    open(appHost, `/preview/enter?host=${encodeURIComponent(at)}&to=/`, { cookie: mia.cookie, ...headers })
  for (const at of ["evil.example", `${host("draft--")}.evil.example`, appHost, `evil.example#${host("draft--")}`]) {
    expect((await ask(at, page)).status).toBe(404)
  }
  const script = { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors", origin: `http://${host("")}` }
  expect((await ask(host("draft--"), script)).status).toBe(401)
})

test("a pass ends with the sign-in that it came from, and with no other", async () => {
  const [first, second] = [await signIn(), await signIn()]
  const passes = [await followed(host("draft--"), first), await followed(host("draft--"), second)]
  const out = await fetch(`${server.url}/api/auth/sign-out`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url, cookie: first },
    body: "{}",
  })
  expect(out.status).toBe(200)
  // What was found good is believed for a while.
  setSystemTime(Date.now() + believedMs + 1)
  const statuses = await Promise.all(
    passes.map(async ({ pass }) => (await open(host("draft--"), "/__gochat/nothing", { cookie: pass })).status),
  )
  setSystemTime()
  expect(statuses.map((status) => status === 401)).toEqual([true, false])
})

async function signIn(): Promise<string> {
  const answer = await fetch(`${server.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ email: "person-1@example.com", password: "correct horse" }),
  })
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ")
}
