import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { request as httpRequest } from "node:http"
import { errors } from "../../shared/errors.ts"
import { procedures } from "../testing/procedures.ts"
import { startTestServer, type TestServer } from "../testing/server.ts"

let server: TestServer
let apiKey: string
let cookie: string
const processId = process.pid

beforeAll(async () => {
  server = await startTestServer()
  ;({ apiKey, cookie } = await server.signUp("mia@example.com"))
})
afterAll(() => server.stop())

const send = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
  fetch(server.url + path, {
    method: "POST",
    ...init,
    headers: { "content-type": "application/json", "x-api-key": apiKey, ...(init.headers as Record<string, string>) },
  })

interface Refusal {
  words?: string
  error?: { data: { words: string; kind: string; requestId: string; stack?: string } }
}

/** Refused by us, in words, with nothing of the inside. */
async function expectRefusal(response: Response, statuses: number[] = [400]) {
  const text = await response.text()
  if (!statuses.includes(response.status)) throw new Error(`answered ${response.status}: ${text.slice(0, 500)}`)
  const body = JSON.parse(text) as Refusal | Refusal[]
  for (const one of Array.isArray(body) ? body : [body]) {
    const words = one.error?.data.words ?? one.words ?? ""
    expect(words.length).toBeGreaterThan(5)
  }
  expect(text).not.toMatch(/node_modules|\.ts:\d|at \w+ \(|select |insert /i)
  expect(response.headers.get("x-request-id")).toMatch(/^[\w.-]{8,64}$/)
}

const strange: [string, unknown][] = [
  ["null", null],
  ["a number", 7],
  ["a text", "x"],
  ["a list", []],
  ["a project id that is a number", { projectId: 5 }],
  ["a project id that is an object", { projectId: { $ne: null } }],
  ["a project id that is no UUID", { projectId: "1 or 1=1" }],
  ["a very long project id", { projectId: "a".repeat(100_000) }],
]

/** Procedures whose every field may be left out: a wrong project id is one field too many, which is not refused. */
const withoutProject = new Set(["project.list", "project.create"])

describe("every procedure that takes something", () => {
  const taking = procedures.filter(({ takesInput }) => takesInput)

  test("there are many", () => expect(taking.length).toBeGreaterThan(15))

  for (const { path, type } of taking) {
    test(`${path} refuses what it did not ask for`, async () => {
      for (const [name, input] of strange) {
        if (withoutProject.has(path) && name.startsWith("a") && name.includes("project")) continue
        const text = JSON.stringify(input)
        if (type === "mutation") {
          await expectRefusal(await send(`/trpc/${path}`, { body: text }))
          continue
        }
        const query = `/trpc/${path}?input=${encodeURIComponent(text).slice(0, 5_000)}`
        const response = await send(query, { method: "GET" })
        if (type === "query") await expectRefusal(response)
        else expect(await response.text()).toContain('"kind":"bad_input"')
      }
    })
  }
})

describe("tRPC's door", () => {
  test.each([
    ["not JSON", "{oops"],
    ["half of a text", '"abc'],
    ["bytes", "\u0000\u0001\ufffd"],
    ["nothing", ""],
    ["very deep", "[".repeat(200_000)],
  ])("%s", async (_, body) => {
    await expectRefusal(await send("/trpc/project.create", { body: body === "" ? undefined : body }), [400, 415])
  })

  test("a wrong kind of body", async () => {
    await expectRefusal(
      await send("/trpc/project.create", { body: "a=b", headers: { "content-type": "text/plain" } }),
      [415],
    )
  })

  test("a body that is too large, with and without its length stated", async () => {
    const huge = JSON.stringify({ title: "x".repeat(5_000_000) })
    await expectRefusal(await send("/trpc/project.create", { body: huge }), [413])
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ > 200) controller.close()
        else controller.enqueue(new Uint8Array(65_536).fill(32))
      },
    })
    await expectRefusal(await send("/trpc/project.create", { body: endless }), [413])
  })

  test("a batch with a bad member refuses that member only", async () => {
    const input = encodeURIComponent(JSON.stringify({ 0: { projectId: 5 }, 1: {} }))
    const response = await send(`/trpc/project.get,project.list?batch=1&input=${input}`, { method: "GET" })
    expect(response.status).toBe(207)
    const [bad, good] = (await response.json()) as [Refusal, { result: unknown }]
    expect(bad.error?.data.kind).toBe("bad_input")
    expect(good.result).toBeDefined()
  })

  test("wrong methods, unknown procedures, half encoded paths", async () => {
    await expectRefusal(await send("/trpc/project.list", { body: "{}" }), [405])
    await expectRefusal(await send("/trpc/project.create", { method: "GET" }), [405])
    await expectRefusal(await send("/trpc/project.explode", { body: "{}" }), [404])
    await expectRefusal(await send("/trpc/__proto__", { body: "{}" }), [404])
    await expectRefusal(await send("/trpc/project.list%", { method: "GET" }), [400, 404])
    await expectRefusal(await send("/trpc", { body: "{}" }), [404])
    await expectRefusal(await send("/trpc/", { body: "{}" }), [404])
  })

  test("the words say where and what", async () => {
    const response = await send("/trpc/project.create", { body: JSON.stringify({ title: "", description: 5 }) })
    const { error } = (await response.json()) as { error: { data: Record<string, unknown> } }
    expect(error.data).toMatchObject({ kind: "bad_input", code: "BAD_REQUEST", words: errors.bad_input.words })
    expect(error.data["detail"]).toMatch(/title: .+; description: .+/)
    expect(error.data["requestId"]).toBe(response.headers.get("x-request-id"))
    expect(error.data["stack"]).toBeUndefined()
  })
})

describe("better-auth's door", () => {
  const post = (body: string | undefined, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url, ...headers },
      body,
    })

  test.each([
    ["not JSON", "{oops"],
    ["a list", "[]"],
    ["null", "null"],
    ["missing fields", "{}"],
    ["wrong types", '{"email":7,"password":{"$gt":""}}'],
    ["no body", undefined],
  ])("%s", async (_, body) => {
    await expectRefusal(await post(body), [400, 415])
  })

  test("too large, wrong kind, unknown, closed", async () => {
    await expectRefusal(await post(JSON.stringify({ email: "x".repeat(100_000) })), [413])
    await expectRefusal(await post("email=a", { "content-type": "text/plain" }), [400, 415])
    for (const path of ["nothing", "admin/list-users", "delete-user", "sign-in/social"]) {
      await expectRefusal(
        await send(`/api/auth/${path}`, { body: "{}", headers: { cookie, origin: server.url } }),
        [404],
      )
    }
  })
})

describe("everywhere else", () => {
  test.each(["/api/nothing", "/api", "/trpc"])("%s is nothing, as a problem", async (path) => {
    const response = await send(path, { method: "GET" })
    expect(response.status).toBe(404)
    expect(response.headers.get("content-type")).toBe("application/problem+json")
    expect(await response.json()).toMatchObject({
      type: "urn:go-chat:problem:not_found",
      title: errors.not_found.words,
      status: 404,
      instance: path,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
  })

  test("methods that nobody expects", async () => {
    for (const method of ["PUT", "DELETE", "PATCH"]) await expectRefusal(await send("/somewhere", { method }), [404])
  })

  test.each([
    ["half encoded", "__Host-gochat=%"],
    ["with a wrong signature", "__Host-gochat=a.b; __Host-gochat-cache=e30"],
    ["without names", "=;;="],
    ["of great length", `__Host-gochat=${"y".repeat(8_000)}`],
  ])("a cookie %s is nobody's", async (_, strangeCookie) => {
    const response = await fetch(`${server.url}/trpc/account.get`, { headers: { cookie: strangeCookie } })
    await expectRefusal(response, [401])
  })

  test("a request id that could break a log is not taken over", async () => {
    const given = await send("/api/x", { headers: { "x-request-id": "trace-1234567" } })
    expect(given.headers.get("x-request-id")).toBe("trace-1234567")
    const broken = await send("/api/x", { headers: { "x-request-id": '"}{"level":"error' } })
    expect(broken.headers.get("x-request-id")).not.toContain("level")
  })

  test("a host that is none", async () => {
    for (const host of ["x@y", "a b", ""]) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const sent = httpRequest(server.url, { headers: { host }, setHost: false }, ({ statusCode }) =>
          resolve(statusCode),
        )
        sent.on("error", reject).end()
      })
      expect(status).toBe(400)
    }
  })

  test("headers beyond all measure", async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(server.url, { headers: { "x-long": "y".repeat(200_000) } }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      request.on("error", reject)
      request.end()
    }).catch(() => 431)
    expect(status).toBe(431)
  })
})

test("after all of this the same process answers", async () => {
  expect(process.pid).toBe(processId)
  expect((await send("/trpc/account.get", { method: "GET" })).status).toBe(200)
  expect((await send("/health/live", { method: "GET" })).status).toBe(200)
})
