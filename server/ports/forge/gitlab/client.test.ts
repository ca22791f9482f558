import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { z } from "zod"
import { Kit } from "../../../testing/gitlab/kit.ts"
import type { GitLabDouble } from "../../../testing/gitlab/double.ts"
import { createGitLabClient, type GitLabClientOptions } from "./client.ts"
import { GitLabError } from "./errors.ts"

setDefaultTimeout(15_000)
const kit = new Kit()
afterEach(() => kit.close())

const version = z.object({ version: z.string() })
const connect = (gitlab: GitLabDouble, options: Partial<GitLabClientOptions> = {}) =>
  createGitLabClient({ url: gitlab.url, token: gitlab.token, pauseMs: 4, ...options })

const thrown = async (asked: Promise<unknown>): Promise<GitLabError> => {
  const error: unknown = await asked.then(() => null, (reason: unknown) => reason) // prettier-ignore
  if (!(error instanceof GitLabError)) throw new Error(`not an error of GitLab: ${String(error)}`)
  return error
}

test("reads are tried again until an answer comes", async () => {
  const gitlab = await kit.gitlab({ subPath: "/gitlab" })
  const client = connect(gitlab, { url: `${gitlab.url}/` })
  const ask = () => client.ask(version, (api) => api.Metadata.show())
  for (const trouble of [
    { kind: "html", status: 502 },
    { kind: "html", status: 503 },
    { kind: "html", status: 504 },
    { kind: "limited" },
    { kind: "cut" },
    { kind: "lost" },
  ] as const) {
    gitlab.trouble({ times: 2, trouble })
    expect(await ask()).toEqual({ version: "19.5.1" })
  }
  expect(gitlab.requests).toHaveLength(18)
  gitlab.trouble({ times: 4, trouble: { kind: "html", status: 503 } })
  expect(await thrown(ask())).toMatchObject({ kind: "away", about: { status: 503 } })
  expect(gitlab.requests).toHaveLength(22)
  expect(gitlab.violations).toEqual([])
})

test("writes are never repeated, and it is said when they may have been done", async () => {
  const gitlab = await kit.gitlab()
  const client = connect(gitlab)
  const make = () => client.ask(z.unknown(), (api) => api.Projects.create({ name: "shop", path: "shop" }))
  gitlab.trouble({ trouble: { kind: "html" } })
  expect(await thrown(make())).toMatchObject({ kind: "away", about: { status: 502, maybeDone: true } })
  gitlab.trouble({ trouble: { kind: "throttled", seconds: 1 } })
  expect(await thrown(make())).toMatchObject({ kind: "limited", about: { maybeDone: false, retryAfterMs: 1000 } })
  gitlab.trouble({ trouble: { kind: "lost" } })
  const before = Date.now()
  expect(await thrown(make())).toMatchObject({ kind: "away", about: { status: null, maybeDone: true } })
  expect(Date.now() - before).toBeGreaterThan(800)
  expect(gitlab.requests).toHaveLength(3)
  expect(gitlab.world.projects.size).toBe(1)
  await gitlab.away()
  expect(await thrown(make())).toMatchObject({ kind: "away", about: { maybeDone: false } })
})

test("what GitLab asks to wait is waited by everybody, up to a bound", async () => {
  const gitlab = await kit.gitlab()
  const client = connect(gitlab, { longestPauseMs: 1500 })
  const ask = () => client.ask(version, (api) => api.Metadata.show())
  gitlab.trouble({ trouble: { kind: "throttled", seconds: 1 } })
  const start = Date.now()
  await ask()
  expect(Date.now() - start).toBeGreaterThanOrEqual(990)
  gitlab.trouble({ trouble: { kind: "throttled", seconds: 60 } })
  expect(await thrown(ask())).toMatchObject({ kind: "limited", about: { retryAfterMs: 60_000 } })
  const stopped = client.ask(version, (api) => api.Metadata.show(), AbortSignal.timeout(30))
  await expect(stopped).rejects.toThrow("timed out")
  expect(gitlab.requests).toHaveLength(3)
})

test("requests are spread over the minute", async () => {
  const gitlab = await kit.gitlab()
  const client = connect(gitlab, { perMinute: 1200 })
  const start = Date.now()
  await Promise.all(Array.from({ length: 310 }, () => client.ask(version, (api) => api.Metadata.show())))
  expect(Date.now() - start).toBeGreaterThanOrEqual(450)
})

test("silence ends by time or by a signal", async () => {
  const gitlab = await kit.gitlab()
  gitlab.trouble({ times: 3, trouble: { kind: "silent" } })
  const hasty = connect(gitlab, { timeoutMs: 60, retries: 1 })
  expect(await thrown(hasty.ask(version, (api) => api.Metadata.show()))).toMatchObject({ kind: "away" })
  const reason = new Error("not wanted any more")
  const stop = new AbortController()
  const asked = connect(gitlab).ask(version, (api) => api.Metadata.show(), stop.signal)
  stop.abort(reason)
  await expect(asked).rejects.toBe(reason)
  await expect(connect(gitlab).ask(version, (api) => api.Metadata.show(), stop.signal)).rejects.toBe(reason)
})

test("every kind of refusal is known, and no word holds the token", async () => {
  const gitlab = await kit.gitlab()
  // Where an administrator chose so, tokens begin otherwise.
  const { value: token } = gitlab.addToken({ value: "house-0123456789" })
  const client = connect(gitlab, { retries: 0, token })
  const status = (code: number, body: unknown) => ({ kind: "status", status: code, body }) as const
  const cases = [
    [status(401, { message: "401 Unauthorized" }), "unauthorized", "401 Unauthorized"],
    [status(401, { error: "invalid_token", error_description: "Token is expired." }), "unauthorized", "Token is expired."],
    [status(403, { error: "insufficient_scope", error_description: "More.", scope: "api" }), "forbidden", "More."],
    [status(404, { message: "404 Project Not Found" }), "missing", "404 Project Not Found"],
    [{ kind: "conflict" }, "conflict", "409 Conflict: a resource lock"],
    [status(400, { error: "name is missing" }), "invalid", "name is missing"],
    [status(400, { message: { name: ["is taken"], base: ["No"], path: [] } }), "invalid", "name is taken; No"],
    [status(400, { message: ["one", "two"] }), "invalid", "one, two"],
    [{ kind: "invalid" }, "invalid", "Invalid url given"],
    [{ kind: "limited" }, "limited", "This endpoint has been requested too many times. Try again later."],
    [{ kind: "html" }, "away", "GitLab is not responding (502)"],
    [status(500, `${gitlab.token} ${token} at http://oauth2:hidden@gitlab`), "away", "… … at http://gitlab"],
    [status(418, {}), "unexpected", "HTTP 418"],
  ] as const // prettier-ignore
  for (const [trouble, kind, detail] of cases) {
    gitlab.trouble(trouble)
    const error = await thrown(client.ask(z.unknown(), (api) => api.Projects.show(1)))
    expect([error.kind, error.detail]).toEqual([kind, detail])
    expect(JSON.stringify([error.message, error.detail, error.about])).not.toContain(token)
  }
})

test("answers without sense: pages, broken JSON, no body, another shape", async () => {
  const answers = [
    new Response("<html>sign in</html>", { headers: { "content-type": "text/html" } }),
    new Response("{", { headers: { "content-type": "application/json" } }),
    new Response("", { status: 400, headers: { "content-type": "application/json" } }),
    new Response('{"version":7}', { headers: { "content-type": "application/json" } }),
  ]
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => answers.shift() ?? new Response("") })
  try {
    const client = createGitLabClient({ url: server.url.href, token: "glpat-secret-secret", retries: 0 })
    const kinds = []
    while (answers.length > 0) kinds.push((await thrown(client.ask(version, (api) => api.Metadata.show()))).kind)
    expect(kinds).toEqual(["unexpected", "unexpected", "invalid", "unexpected"])
  } finally {
    await server.stop(true)
  }
})

test("the token stays at GitLab's own address", async () => {
  const seen: (string | null)[] = []
  const note = (request: Request) => void seen.push(request.headers.get("authorization"))
  const elsewhere = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => (note(request), new Response("zip")),
  })
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => (note(request), Response.redirect(`http://localhost:${elsewhere.port}/store`)),
  }) // prettier-ignore
  try {
    const client = createGitLabClient({ url: server.url.href, token: "glpat-secret-secret", retries: 0 })
    expect(await (await client.open("projects/1/jobs/1/artifacts")).text()).toBe("zip")
    expect(seen).toEqual(["Bearer glpat-secret-secret", null])
    const refused = await thrown(client.ask(version, (api) => api.Metadata.show()))
    expect(refused.detail).toContain(`http://localhost:${elsewhere.port}`)
    expect((await thrown(client.ask(z.unknown(), (api) => api.Projects.remove(1)))).kind).toBe("unexpected")
    expect(seen).toHaveLength(4)
  } finally {
    await Promise.all([server.stop(true), elsewhere.stop(true)])
  }
})

test("names that are a person's own stay as they are; ids may be big; lists go on to the last page", async () => {
  const gitlab = await kit.gitlab({ firstId: 5_000_000_000 })
  const client = connect(gitlab)
  for (const path of ["a", "b", "c"]) await gitlab.createProject({ path })
  const list = z.array(z.object({ id: z.int() }))
  const all = await client.ask(list, (api) => api.Projects.all({ perPage: 2, simple: true }))
  expect(all).toHaveLength(3)
  expect(all[0]?.id).toBeGreaterThan(2 ** 32)
  const own = { inputs: { deployTarget: "x" } } as object
  await client.ask(z.unknown(), (api) => api.Pipelines.create(all[0]?.id ?? 0, "main", own)).catch(() => null)
  expect(gitlab.requests.at(-1)?.body).toContain("deployTarget")
})
