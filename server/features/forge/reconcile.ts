import type { Services } from "../../context.ts"
import { catchUp, stillPipelines } from "../build/reopen.ts"
import type { Desks, Outcome } from "./desks.ts"
import { findWords, leftovers, linkedAfter } from "./store.ts"
import type { SyncTiming } from "./sync-timing.ts"
import { lookAtMain } from "./work-on-news.ts"

const day = 86_400_000
/** How many in a row may fail before the rest of a round is left for the next. */
const mostFailures = 3

interface Task {
  name: string
  work: (signal: AbortSignal) => Promise<Outcome>
}

/** Gives a project the title at the forge that it has here. */
export const renameTask = (services: Services, projectId: string): Task => ({
  name: `title ${projectId}`,
  work: async (signal) => {
    const words = await findWords(services.db, projectId)
    if (words !== null) await services.forge.remote?.rename(projectId, words.title, signal)
    return "done"
  },
})

const hookTask = (services: Services, projectId: string): Task => ({
  name: `hook ${projectId}`,
  work: async (signal) => {
    await services.forge.remote?.watch(projectId, signal)
    return "done"
  },
})

/**
 * Looks at what news would have told, in case it was lost: a part at a time, everything in turn, so that GitLab is never
 * asked much at once.
 */
export class Reconciler {
  /** Where each kind of look goes on. */
  readonly #after = new Map<string, string | null>()

  constructor(
    private readonly services: Services,
    private readonly desks: Desks,
    private readonly timing: SyncTiming,
  ) {}

  /** One part. Never throws for what GitLab does not answer. */
  async round(): Promise<void> {
    let failures = 0
    for (const { name, work } of await this.#tasks()) {
      failures = (await this.desks.work(name, work)) ? 0 : failures + 1
      if (failures === mostFailures) return
    }
  }

  /** Hooks of the projects that moved lately, slowly: while no server ran, they may have been switched off. */
  async sweep(pause: () => Promise<void>): Promise<void> {
    let after: string | null = null
    for (;;) {
      const [next]: { projectId: string }[] = await linkedAfter(this.services.db, { after, since: dayAgo(), limit: 1 })
      if (next === undefined) return
      after = next.projectId
      const { name, work } = hookTask(this.services, next.projectId)
      await this.desks.work(name, work)
      await pause()
    }
  }

  async #tasks(): Promise<Task[]> {
    const { services, timing } = this
    const { db } = services
    const share = (part: number) => Math.max(1, Math.floor(timing.perRound * part))
    const since = dayAgo()
    const gone = await leftovers(db, share(0.15))
    const named = await this.#next("title", share(0.2), (after, limit) => linkedAfter(db, { after, misnamed: true, limit })) // prettier-ignore
    const still = await this.#next("build", share(0.3), (after, limit) => stillPipelines(services, { after, since, limit })) // prettier-ignore
    const active = await this.#next("main", share(0.2), (after, limit) => linkedAfter(db, { after, since, limit }))
    const hooks = await this.#next("hook", share(0.15), (after, limit) => linkedAfter(db, { after, limit }))
    return [
      ...gone.map((remoteId) => this.#leftover(remoteId)),
      ...named.map(({ projectId }) => renameTask(services, projectId)),
      ...still.map((place) => this.#build(place)),
      ...active.map(({ projectId }) => this.#main(projectId)),
      ...hooks.map(({ projectId }) => hookTask(services, projectId)),
    ]
  }

  /** The next ones in turn; after the last one it begins again. */
  async #next<T extends { projectId: string }>(
    kind: string,
    limit: number,
    read: (after: string | null, limit: number) => Promise<T[]>,
  ): Promise<T[]> {
    const found = await read(this.#after.get(kind) ?? null, limit)
    this.#after.set(kind, found.length < limit ? null : (found.at(-1)?.projectId ?? null))
    return found
  }

  #leftover(remoteId: number): Task {
    return {
      name: `leftover ${remoteId}`,
      work: async (signal) => {
        await this.services.forge.remote?.removeLeftover(remoteId, signal)
        return "done"
      },
    }
  }

  #build(place: { projectId: string; pipeline: number }): Task {
    return {
      name: `build ${place.projectId}`,
      work: async (signal) => ((await catchUp(this.services, place, signal)) === "reopened" ? "changed" : "done"),
    }
  }

  #main(projectId: string): Task {
    return {
      name: `branch ${projectId}`,
      // While the AI works, its own look and its push tell the same.
      work: async (signal) => {
        await lookAtMain(this.services, projectId, { asks: false }, signal)
        return "done"
      },
    }
  }
}

const dayAgo = (): Date => new Date(Date.now() - day)
