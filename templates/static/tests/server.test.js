import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

let app
let url
let data

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "app-data-"))
  app = Bun.spawn([process.execPath, "server.js"], {
    cwd: join(import.meta.dir, ".."),
    env: { ...process.env, HOST: "127.0.0.1", PORT: "0", DATA_DIR: data },
    stdout: "pipe",
  })
  for await (const chunk of app.stdout) {
    url = new TextDecoder().decode(chunk).match(/http:\S+/)?.[0]
    if (url) break
  }
})

afterAll(async () => {
  app.kill()
  await app.exited
  await rm(data, { recursive: true, force: true })
})

const put = (name, body, headers = {}) => fetch(`${url}store/${name}`, { method: "PUT", body, headers })

test("opens the page", async () => {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  expect(response.headers.get("content-type")).toContain("text/html")
  const again = await fetch(url, { headers: { "if-none-match": response.headers.get("etag") } })
  expect(again.status).toBe(304)
})

test.each(["server.js", "package.json", "Dockerfile", ".gitignore", ".devcontainer/devcontainer.json", "tests/server.test.js", "..%2f..%2fetc%2fpasswd"])(
  "keeps %s to itself",
  async (path) => {
    expect((await fetch(url + path)).status).toBe(404)
  },
)

test("keeps data", async () => {
  expect(await (await fetch(`${url}store/items`)).json()).toBeNull()
  expect((await put("items", '[{"name":"Tea"}]')).status).toBe(200)
  expect(await (await fetch(`${url}store/items`)).json()).toEqual([{ name: "Tea" }])
})

test("refuses what it cannot keep", async () => {
  expect((await put("Items", "1")).status).toBe(400)
  expect((await put("..%2fitems", "1")).status).toBe(400)
  expect((await put("items", "not json")).status).toBe(400)
  expect((await put("items", JSON.stringify("x".repeat(1024 * 1024)))).status).toBe(413)
})

test("does not lose what somebody else saved in between", async () => {
  const before = (await put("shared", "1")).headers.get("etag")
  expect((await put("shared", "2", { "if-match": before })).status).toBe(200)
  expect((await put("shared", "3", { "if-match": before })).status).toBe(412)
  expect(await (await fetch(`${url}store/shared`)).json()).toBe(2)
})
