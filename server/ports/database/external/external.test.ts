import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { startTestServer } from "../../../testing/server.ts"
import { type TestDatabase, testDatabase } from "../../../testing/database.ts"
import { connectExternal } from "./external.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.close(), 30_000)

describe("the Postgres that DATABASE_URL names", () => {
  test("is reached, named with its version, and not ours to stop", async () => {
    const external = await connectExternal(database.url)
    expect(external).toMatchObject({ mode: "external", url: database.url })
    expect(external.version).toMatch(/^18\b/)
    await external.stop()
    const [row] = await database.client`select 1 as up`
    expect(row?.["up"]).toBe(1)
  })

  test("serves a whole server, which keeps no database of its own", async () => {
    const server = await startTestServer()
    try {
      expect(await Bun.file(`${server.services.config.dataDir}/postgres.password`).exists()).toBe(false)
      const health: unknown = await (await fetch(`${server.url}/health`)).json()
      expect(health).toMatchObject({ status: "healthy", database: "connected" })
    } finally {
      await server.stop()
    }
  }, 60_000)

  test("is refused when it is too old, in a sentence", async () => {
    // It says of itself what an old one says: in this database our function stands before the system's.
    const { client } = database
    await client`create function public.current_setting(text) returns text language sql as $$ select '15.18 (Debian)' $$`
    const [row] = await client`select current_database() as name`
    await client.unsafe(`alter database "${String(row?.["name"])}" set search_path = public, pg_catalog`)
    const sentence = "DATABASE_URL names a Postgres 15.18 (Debian), and Go Chat needs 16 or newer."
    await expect(connectExternal(database.url)).rejects.toThrow(sentence)
  })
})
