import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import type { Endpoint } from "../../ports/sandbox/port.ts"
import { newestGreenShas } from "../version/newest-green.ts"
import type { App } from "./app.ts"
import { readAppSpec } from "./devcontainer.ts"
import type { Fleet } from "./fleet.ts"
import type { PushedApps } from "./from-image.ts"
import { pruneReleases, sourceOf } from "./source.ts"
import type { States } from "./states.ts"
import { findAppProject } from "./store.ts"
import type { AppProject, AppTarget } from "./target.ts"

/** Requests that are with the old version when the new one takes over may end. */
const graceMs = 1_000
/** Versions that can be gone back to at once. */
const keptGreen = 3

const liveOf = (projectId: string, ref: string): AppTarget => ({ projectId, kind: "live", ref })

/** The live app of each project: the old version serves until the new one answers. */
export class Live {
  readonly #following = new Map<string, { done: Promise<void>; again: boolean }>()
  readonly #closing = new AbortController()

  constructor(
    private readonly services: Services,
    private readonly fleet: Fleet,
    private readonly states: States,
    private readonly pushed: PushedApps,
  ) {}

  /** The one that people see. */
  current(projectId: string): App | undefined {
    return this.fleet.apps.find(
      (app) => app.target.kind === "live" && app.target.projectId === projectId && !app.quiet && app.ending === null,
    )
  }

  async wake(project: AppProject, again = false): Promise<Endpoint> {
    const current = this.current(project.id)
    if (current !== undefined) {
      current.usedAt = Date.now()
      if (current.target.ref !== project.liveSha) this.follow(project.id)
      return current.started
    }
    // The caller may have known it for a while; a switch back and forth is worse than a question.
    const now = await findAppProject(this.services.db, project.id)
    if (!now?.liveSha) throw new AppError("not_found")
    return this.fleet.open(liveOf(project.id, now.liveSha), now.slug, again)
  }

  /** Brings what is live in line with the project, in the background. */
  follow(projectId: string): void {
    const running = this.#following.get(projectId)
    if (running) {
      running.again = true
      return
    }
    const entry = { done: Promise.resolve(), again: false }
    this.#following.set(projectId, entry)
    entry.done = (async () => {
      try {
        do {
          entry.again = false
          await this.#follow(projectId)
        } while (entry.again && !this.#closing.signal.aborted)
      } catch (err) {
        if (!this.#closing.signal.aborted)
          this.services.log.warn({ err, projectId }, "the live version could not be prepared")
      } finally {
        this.#following.delete(projectId)
      }
    })()
  }

  async close(): Promise<void> {
    this.#closing.abort(new AppError("unavailable"))
    await Promise.all([...this.#following.values()].map(({ done }) => done))
  }

  async #follow(projectId: string): Promise<void> {
    const old = this.current(projectId)
    await old?.started.catch(() => {})
    const project = await findAppProject(this.services.db, projectId)
    if (!project?.liveSha || this.#closing.signal.aborted) return
    if (old === undefined) return this.#prepare(liveOf(projectId, project.liveSha))
    if (old.target.ref === project.liveSha || this.current(projectId) !== old) return
    await this.#switch(old, project.slug, liveOf(projectId, project.liveSha))
  }

  /** Nobody looks at it now: it is only made ready, so that it starts at once when somebody does. */
  async #prepare(target: AppTarget): Promise<void> {
    const signal = this.#closing.signal
    if (!(await this.pushed.prepare(target, signal))) {
      const { root, dataDir } = await sourceOf(this.services, target)
      const app = await readAppSpec(root, "release")
      await this.services.sandbox.prepare(target, { root, dataDir, app, onProgress: () => {}, signal })
    }
    await this.#prune(target.projectId)
  }

  async #switch(old: App, slug: string | null, target: AppTarget): Promise<void> {
    const fresh = this.fleet.get(target) ?? this.fleet.launch(target, slug, true)
    try {
      await fresh.started
    } catch (error) {
      if (this.current(target.projectId) !== old) return
      const why = error instanceof AppError && error.detail !== null ? ` ${error.detail}` : ""
      const words = `The new version did not start, the one before stays live.${why}`
      await this.states.tell(old.target, slug, "ready", words)
      return
    }
    if (fresh.ending !== null || this.fleet.get(target) !== fresh) return
    fresh.ownerId = old.ownerId
    fresh.usedAt = Math.max(fresh.usedAt, old.usedAt)
    fresh.quiet = false
    old.quiet = true
    old.ownerId = null
    await this.states.tell(target, slug, "ready", fresh.note)
    await this.#pause(graceMs)
    await this.fleet.stop(old)
    await this.#prune(target.projectId)
  }

  /** What runs stays on disk, and the newest green versions, installed and built: going back to one of them only starts it. */
  async #prune(projectId: string): Promise<void> {
    const running = this.fleet.apps.map((app) => app.target).filter((one) => one.projectId === projectId)
    const green = await newestGreenShas(this.services, projectId, keptGreen)
    const needed = [...running, ...green.map((ref) => liveOf(projectId, ref))]
    await pruneReleases(this.services.config, projectId, needed)
    await this.pushed.keep(projectId, needed)
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    const stop = () => resolve()
    this.#closing.signal.addEventListener("abort", stop)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#closing.signal.removeEventListener("abort", stop)
    })
  }
}
