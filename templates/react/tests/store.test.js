import { afterAll, expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const data = await mkdtemp(join(tmpdir(), "app-data-"))
process.env.DATA_DIR = data
const { store } = await import("../store-server.js")
afterAll(() => rm(data, { recursive: true, force: true }))

const get = (name) => store(new Request(`http://app/store/${name}`))
const put = (name, body, headers = {}) => store(new Request(`http://app/store/${name}`, { method: "PUT", body, headers }))

test("keeps data", async () => {
  expect(await (await get("items")).json()).toBeNull()
  expect((await put("items", '[{"name":"Tea"}]')).status).toBe(200)
  expect(await (await get("items")).json()).toEqual([{ name: "Tea" }])
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
})
