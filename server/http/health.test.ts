import { afterAll, beforeAll, expect, test } from "bun:test"
import type { HealthReport } from "../../shared/system.ts"
import { type TestDatabase, testDatabase } from "../testing/database.ts"
import { healthRoutes } from "./health.ts"

type Parts = Parameters<typeof healthRoutes>[0]

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

const part = (health: () => Promise<"healthy" | "unhealthy">) => ({ health })

const parts = (changes: Partial<Parts> = {}): Parts => ({
  db: database.db,
  model: part(async () => "healthy"),
  forge: part(async () => "healthy"),
  sandbox: part(async () => "healthy"),
  draining: new AbortController().signal,
  ...changes,
})

async function get(routes: ReturnType<typeof healthRoutes>, path: string) {
  const response = await routes.handle(new Request(`http://localhost${path}`))
  return { status: response.status, body: (await response.json()) as HealthReport }
}

test("all well: healthy, connected, every service named", async () => {
  const { status, body } = await get(healthRoutes(parts()), "/health")
  expect(status).toBe(200)
  expect(body).toMatchObject({
    status: "healthy",
    database: "connected",
    services: { database: "healthy", model: "healthy", forge: "healthy", sandbox: "healthy" },
  })
  expect(Math.abs(Date.now() - Date.parse(body.timestamp))).toBeLessThan(5_000)
})

test("an outer system that is away degrades and does not stop the server", async () => {
  const routes = healthRoutes(parts({ model: part(() => Promise.reject(new Error("away"))) }))
  expect(await get(routes, "/health")).toMatchObject({
    status: 200,
    body: { status: "degraded", services: { model: "unhealthy", database: "healthy" } },
  })
  expect((await get(routes, "/health/ready")).status).toBe(200)
})

test("without its database the server is unhealthy, alive and not ready", async () => {
  const own = await testDatabase()
  const routes = healthRoutes(parts({ db: own.db }))
  await own.close()
  expect(await get(routes, "/health")).toMatchObject({
    status: 503,
    body: { status: "unhealthy", database: "disconnected" },
  })
  expect((await get(routes, "/health/ready")).status).toBe(503)
  expect((await get(routes, "/health/live")).status).toBe(200)
})

test("a draining server is not ready and still alive", async () => {
  const routes = healthRoutes(parts({ draining: AbortSignal.abort() }))
  expect((await get(routes, "/health/ready")).status).toBe(503)
  expect((await get(routes, "/health/live")).status).toBe(200)
})

test("a crowd asks each system once", async () => {
  let asked = 0
  const routes = healthRoutes(parts({ forge: part(async () => (asked++, "healthy")) }))
  await Promise.all(Array.from({ length: 200 }, () => get(routes, "/health")))
  expect(asked).toBe(1)
})
