import type { Services } from "../../context.ts"
import { catchUp, knownPipelines, type PipelinePlace } from "../build/reopen.ts"
import { type Delivery, lineOf, openDeliveries, removeDeliveries } from "./delivery-store.ts"
import { Desks } from "./desks.ts"
import { Reconciler, renameTask } from "./reconcile.ts"
import { misnamed } from "./store.ts"
import { type SyncTiming, syncTiming } from "./sync-timing.ts"
import type { Sync } from "./sync.ts"
import { askAboutPipelines, lookAtBranches, wakeFollowers } from "./work-on-news.ts"

/** Deliveries that are looked at in one go. */
const mostOpen = 2_000
/** Lines of deliveries that are worked on at once; the rest of GitLab's patience is for those who follow pipelines. */
const atOnce = 6
/** Projects change often; what has to be done because of it may wait for the next changes. */
const soonMs = 250
const toldMs = 60_000
const keptMs = 7 * 86_400_000

/** The engine behind `Sync`. Without another side it does nothing. */
export function createSync(services: Services, times: Partial<SyncTiming> = {}): Sync {
  const timing = { ...syncTiming, ...times }
  const { db, log, hub, forge } = services
  const desks = new Desks(log, timing, () => kick())
  const reconciler = new Reconciler(services, desks, timing)
  /** Projects that were changed here: perhaps their title, perhaps their checks ended. */
  const changed = new Set<string>()
  /** Followed pipelines that there was news of lately. */
  const told = new Map<string, { place: PipelinePlace; at: number }>()
  const closing = new AbortController()
  let open = false
  let looking: Promise<void> | null = null
  let again = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let soon: ReturnType<typeof setTimeout> | undefined
  let rounds: Promise<unknown> = Promise.resolve()
  let unsubscribe = () => {}

  function kick(): void {
    if (!open) return
    if (looking !== null) {
      again = true
      return
    }
    looking = look().finally(() => {
      looking = null
      if (again) {
        again = false
        kick()
      } else wakeLater(desks.rests.nextMs)
    })
  }

  function wakeLater(ms: number | null): void {
    clearTimeout(timer)
    if (open && ms !== null) timer = setTimeout(kick, ms)
  }

  async function look(): Promise<void> {
    const moved = new Set(changed)
    changed.clear()
    try {
      await lookAtEnds(moved)
      await lookAtTitles(moved)
      await lookAtDeliveries()
      desks.rests.end("all")
    } catch (err) {
      if (closing.signal.aborted) return
      for (const projectId of moved) changed.add(projectId)
      log.error({ err }, "news of GitLab could not be looked up")
      desks.rests.failed("all")
    }
  }

  /**
   * News may come after the last look of who follows a pipeline and before its end is written here: then nobody heard it.
   * So each pipeline that there was news of lately is asked about once more when it has ended.
   */
  async function lookAtEnds(moved: ReadonlySet<string>): Promise<void> {
    for (const [name, { at }] of told) if (performance.now() - at > toldMs) told.delete(name)
    const places = [...told.values()].map(({ place }) => place).filter(({ projectId }) => moved.has(projectId))
    const known = await knownPipelines(services, places)
    for (const place of places) {
      if (known(place) !== "still") continue
      const line = `pipeline ${place.projectId}`
      if (desks.isTaken(line)) {
        changed.add(place.projectId)
        continue
      }
      told.delete(`${place.projectId} ${place.pipeline}`)
      void desks.work(line, async (signal) => {
        await catchUp(services, place, signal)
        return "asked"
      })
    }
  }

  async function lookAtTitles(moved: ReadonlySet<string>): Promise<void> {
    for (const projectId of await misnamed(db, [...moved])) {
      const { name, work } = renameTask(services, projectId)
      // It may just be given an older one.
      if (desks.isTaken(name)) changed.add(projectId)
      else void desks.work(name, work)
    }
  }

  async function lookAtDeliveries(): Promise<void> {
    const taken = desks.taken.filter((name) => /^(pipeline|branch) /.test(name))
    const found = await openDeliveries(db, taken, mostOpen)
    const branches = found.filter((delivery) => lineOf(delivery) === "branch")
    const { still: pipelines, followed } = await wakeFollowers(services, found.filter((delivery) => lineOf(delivery) === "pipeline")) // prettier-ignore
    for (const place of followed) told.set(`${place.projectId} ${place.pipeline}`, { place, at: performance.now() })
    const lines: [Map<string, Delivery[]>, (of: Delivery[], projectId: string, signal: AbortSignal) => ReturnType<typeof askAboutPipelines>][] = [
      [Map.groupBy(pipelines, ({ projectId }) => projectId), (of, _projectId, signal) => askAboutPipelines(services, of, signal)],
      [Map.groupBy(branches, ({ projectId }) => projectId), (of, projectId, signal) => lookAtBranches(services, projectId, of, signal)],
    ] // prettier-ignore
    for (const [projects, work] of lines) {
      for (const [projectId, of] of projects) {
        if (desks.count >= atOnce || !open) return
        const line = of[0] === undefined ? "branch" : lineOf(of[0])
        void desks.work(`${line} ${projectId}`, (signal) => work(of, projectId, signal))
      }
    }
  }

  /** Rounds, one after another, for as long as the server runs. */
  async function reconcile(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await removeDeliveries(db, new Date(Date.now() - keptMs))
        await reconciler.round()
      } catch (err) {
        if (!closing.signal.aborted) log.error({ err }, "lost news of GitLab could not be looked for")
      }
      await pause(timing.everyMs)
    }
  }

  async function sweep(): Promise<void> {
    try {
      await reconciler.sweep(() => pause(timing.sweepMs))
    } catch (err) {
      if (!closing.signal.aborted) log.error({ err }, "hooks could not be looked at")
    }
  }

  /** Shorter when it ends. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(later)
        closing.signal.removeEventListener("abort", end)
        resolve()
      }
      const later = setTimeout(end, ms)
      closing.signal.addEventListener("abort", end)
      if (closing.signal.aborted) end()
    })

  return {
    kick,
    start() {
      if (forge.remote === null) return
      open = true
      unsubscribe = hub.onProjectChanged(({ projectId }) => {
        changed.add(projectId)
        desks.rests.wake(`branch ${projectId}`)
        soon ??= setTimeout(() => {
          soon = undefined
          kick()
        }, soonMs)
      })
      kick()
      rounds = Promise.all([reconcile(), sweep()])
    },
    async close() {
      open = false
      unsubscribe()
      clearTimeout(timer)
      clearTimeout(soon)
      closing.abort(new Error("the server is stopping"))
      await desks.close()
      await Promise.race([Promise.allSettled([looking, rounds]), Bun.sleep(500)])
    },
  }
}
