import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { join } from "node:path"
import { until } from "../until.ts"
import { call, git, Kit, withToken } from "./kit.ts"

setDefaultTimeout(20_000)
const kit = new Kit()
afterEach(() => kit.close())

test("requests are refused in every way that GitLab and its proxy know", async () => {
  const gitlab = await kit.gitlab()
  const ask = () => call(gitlab, "GET /version")
  gitlab.trouble({ kind: "throttled", seconds: 3 })
  const throttled = await ask()
  expect([throttled.status, throttled.headers.get("retry-after"), throttled.body]).toEqual([429, "3", "Retry later\n"])
  gitlab.trouble({ kind: "limited" })
  const limited = await ask()
  expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, null])
  expect(limited.body.message.error).toContain("too many times")
  gitlab.trouble({ kind: "html" })
  expect(await ask()).toMatchObject({ status: 502, body: expect.stringContaining("<!DOCTYPE html>") })
  for (const [kind, status] of [
    ["forbidden", 403],
    ["invalid", 422],
    ["conflict", 409],
  ] as const) {
    // prettier-ignore
    gitlab.trouble({ kind })
    expect((await ask()).status).toBe(status)
  }
  gitlab.trouble({ method: "POST", path: /projects/, times: 2, trouble: { kind: "status", status: 500 } })
  expect((await ask()).status).toBe(200)
  expect((await call(gitlab, "POST /projects", { name: "x" })).status).toBe(500)
  expect((await call(gitlab, "POST /projects", { name: "x" })).status).toBe(500)
  expect((await call(gitlab, "POST /projects", { name: "x" })).status).toBe(201)
  expect(gitlab.requests.map(({ trouble }) => trouble)).toContain("throttled")
  gitlab.trouble({ kind: "slow", ms: 60 })
  await ask()
  expect(gitlab.requests.at(-1)?.ms).toBeGreaterThanOrEqual(58)
})

test("an endpoint that is asked too often refuses for a while", async () => {
  const gitlab = await kit.gitlab({ limitsPerMinute: { "GET /projects/:id": 3 } })
  const { id } = await gitlab.createProject({ path: "shop" })
  const asked = await Promise.all([1, 2, 3, 4].map(() => call(gitlab, `GET /projects/${id}`)))
  expect(asked.filter(({ status }) => status === 429)).toHaveLength(1)
  expect((await call(gitlab, `GET /projects/${id}/hooks`)).status).toBe(200)
})

test("nothing may ever come", async () => {
  const gitlab = await kit.gitlab()
  gitlab.trouble({ kind: "silent" })
  const asked = fetch(`${gitlab.url}/api/v4/version`, { signal: AbortSignal.timeout(100) })
  await expect(asked).rejects.toThrow("timed out")
  gitlab.trouble({ kind: "silent" })
  const open = fetch(`${gitlab.url}/api/v4/version`).then(() => "answered", () => "cut off") // prettier-ignore
  await until(() => gitlab.requests.length === 2)
  await gitlab.close()
  expect(await open).toBe("cut off")
})

test("what was done although nobody heard of it", async () => {
  const gitlab = await kit.gitlab()
  gitlab.trouble({ kind: "lost" })
  await expect(call(gitlab, "POST /projects", { name: "lost" })).rejects.toThrow()
  const lost = await call(gitlab, "GET /projects/go-chat%2Flost")
  expect(lost.status).toBe(200)
  gitlab.trouble({ kind: "cut" })
  const actions = [{ action: "create", file_path: "a", content: "a" }]
  const body = { branch: "main", commit_message: "m", actions }
  await expect(call(gitlab, `POST /projects/${lost.body.id}/repository/commits`, body)).rejects.toThrow()
  expect(await gitlab.head(lost.body.id)).toMatch(/^[0-9a-f]{40}$/)

  const dir = await kit.folder()
  await git(dir, "clone", "-q", withToken(gitlab, "lost"), ".")
  await Bun.write(join(dir, "b"), "b")
  await git(dir, "add", ".")
  await git(dir, "commit", "-qm", "mine")
  gitlab.trouble({ method: "POST", path: /git-receive-pack$/, trouble: { kind: "lost" } })
  expect((await git(dir, "push", "origin", "main")).code).not.toBe(0)
  expect(await gitlab.head(lost.body.id)).toBe((await git(dir, "rev-parse", "HEAD")).said.trim())
})

test("it goes away and comes back at the same address, also under a path", async () => {
  const gitlab = await kit.gitlab({ subPath: "/gitlab" })
  const { id } = await gitlab.createProject({ path: "shop", files: { a: "a" } })
  expect((await call(gitlab, `GET /projects/${id}`)).body.web_url).toBe(`${gitlab.url}/go-chat/shop`)
  await gitlab.away()
  await expect(call(gitlab, "GET /version")).rejects.toThrow()
  await gitlab.back()
  expect((await call(gitlab, "GET /version")).status).toBe(200)
  const dir = await kit.folder()
  expect(await git(dir, "clone", "-q", withToken(gitlab, "shop"), ".")).toMatchObject({ code: 0 })
})
