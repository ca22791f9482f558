import { sql } from "drizzle-orm"
import { Elysia } from "elysia"
import type { Health, HealthReport } from "../../shared/system.ts"
import type { Services } from "../context.ts"

const FRESH_MS = 1_000
const DATABASE_MS = 2_000
const SERVICE_MS = 3_000

type Watched = Pick<Services, "db" | "draining"> &
  Record<"model" | "forge" | "sandbox", Pick<Services["model"], "health">>

/**
 * `/health` (the whole report, 503 when the database is away), `/health/live` (the process answers), `/health/ready`
 * (send people here) and `/health/startup` (the start is over; before that `server.ts` answers 503 by itself).
 */
export function healthRoutes(services: Watched) {
  const report = healthReport(services)
  return new Elysia({ name: "health" })
    .get("/health", async () => {
      const body = await report()
      return answer(body, body.status !== "unhealthy")
    })
    .get("/health/live", () => answer(state("healthy"), true))
    .get("/health/startup", () => answer(state("healthy"), true))
    .get("/health/ready", async () => {
      const ready = !services.draining.aborted && (await report()).status !== "unhealthy"
      return answer(state(ready ? "healthy" : "unhealthy"), ready)
    })
}

/** Body of the small routes. */
export const state = (status: "healthy" | "unhealthy") => ({ status, timestamp: new Date().toISOString() })

/** JSON that no cache keeps: 200 or 503. */
export const answer = (body: object, fine: boolean): Response =>
  Response.json(body, { status: fine ? 200 : 503, headers: { "cache-control": "no-store" } })

/**
 * The report, at most a second old. However many ask, each part is asked once at a time: the database is waited for,
 * a slow outer system is not (its last known state stands until it answers).
 */
function healthReport({ db, model, forge, sandbox }: Watched): () => Promise<HealthReport> {
  const database = cached(
    () => within(DATABASE_MS, async () => (await db.execute(sql`select 1`), "healthy" as const)),
    true,
  )
  const parts = {
    model: cached(() => within(SERVICE_MS, () => model.health()), false),
    forge: cached(() => within(SERVICE_MS, () => forge.health()), false),
    sandbox: cached(() => within(SERVICE_MS, () => sandbox.health()), false),
  }
  return async () => {
    const [databaseState, modelState, forgeState, sandboxState] = await Promise.all([
      database(),
      parts.model(),
      parts.forge(),
      parts.sandbox(),
    ])
    const services = { database: databaseState, model: modelState, forge: forgeState, sandbox: sandboxState }
    const degraded = Object.values(services).includes("unhealthy")
    return {
      status: databaseState === "unhealthy" ? "unhealthy" : degraded ? "degraded" : "healthy",
      database: databaseState === "unhealthy" ? "disconnected" : "connected",
      timestamp: new Date().toISOString(),
      services,
    }
  }
}

/** One question at a time; an answer is good for a second. Who need not wait for a newer one gets the last. */
function cached(ask: () => Promise<Health>, waitForNew: boolean): () => Promise<Health> {
  let known: Health | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<Health> | null = null
  return () => {
    if (asking === null && performance.now() - askedAt > FRESH_MS) {
      asking = ask().then((health) => {
        known = health
        askedAt = performance.now()
        asking = null
        return health
      })
    }
    if (asking !== null && (waitForNew || known === null)) return asking
    return Promise.resolve(known ?? "unhealthy")
  }
}

/** Never throws, never takes longer: what fails or is silent is unhealthy. */
async function within(ms: number, ask: () => Promise<Health>): Promise<Health> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve("unhealthy"), ms)
  })
  try {
    return await Promise.race([ask(), silence])
  } catch {
    return "unhealthy"
  } finally {
    clearTimeout(timer)
  }
}
