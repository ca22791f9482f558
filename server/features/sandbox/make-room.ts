import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import type { App } from "./app.ts"
import { ownerOf, withRun } from "./store.ts"

/** An app that nobody asked anything for so long may be put to sleep for another. */
const unusedMs = 60_000

/** What is at work, and how one of it is put to sleep with a reason. */
interface Running {
  all(): App[]
  stop(app: App, reason: string): Promise<void>
}

/** Counts the app for its owner; at the limit the owner's longest idle one sleeps first. Throws `limit_containers`. */
export async function makeRoom(services: Services, fleet: Running, app: App): Promise<void> {
  const { db, config } = services
  const ownerId = await ownerOf(db, app.target.projectId)
  if (ownerId === null) throw new AppError("not_found")
  for (;;) {
    app.abort.signal.throwIfAborted()
    const others = fleet.all().filter((other) => other !== app && other.ownerId === ownerId)
    if (others.length < config.maxContainersPerUser) {
      // Nothing may come between the count and this.
      app.ownerId = ownerId
      return
    }
    const ending = others.find((other) => other.ending !== null)
    if (ending?.ending) await ending.ending
    else {
      const since = Math.min(unusedMs, config.containerIdleMinutes * 60_000)
      const longest = await longestIdle(services, others, since)
      if (longest === null) throw new AppError("limit_containers")
      await fleet.stop(longest, "It sleeps because another app needed its place.")
    }
  }
}

/** Apps without a request or command for this long, and without a run; the one used longest ago first. */
export async function idleApps({ db }: Pick<Services, "db">, apps: App[], sinceMs: number): Promise<App[]> {
  const isIdle = (app: App) =>
    app.ready && app.ending === null && app.commands === 0 && Date.now() - app.usedAt >= sinceMs
  const candidates = apps.filter(isIdle)
  const drafts = candidates.filter(({ target }) => target.kind === "draft").map(({ target }) => target.projectId)
  const working = await withRun(db, drafts)
  // Asked again: somebody may have come while the database answered.
  return candidates
    .filter((app) => isIdle(app) && !(app.target.kind === "draft" && working.has(app.target.projectId)))
    .sort((a, b) => a.usedAt - b.usedAt)
}

async function longestIdle(services: Services, apps: App[], sinceMs: number): Promise<App | null> {
  return (await idleApps(services, apps, sinceMs))[0] ?? null
}
