/** One who follows a pipeline. */
export interface Follower {
  /** GitLab's number of it; null as long as it is not known. */
  pipeline: number | null
  /** News came at least once: GitLab's hooks reach us. */
  heard: boolean
  /** Resolves with the next news. */
  next(): Promise<void>
  leave(): void
}

interface Entry extends Follower {
  waiting: PromiseWithResolvers<void>
}

/** Brings news from GitLab to those who wait for them. */
export class News {
  readonly #followers = new Map<string, Set<Entry>>()
  #count = 0

  /** How many follow, over all projects. */
  get count(): number {
    return this.#count
  }

  follow(projectId: string): Follower {
    const entry: Entry = {
      pipeline: null,
      heard: false,
      waiting: Promise.withResolvers(),
      next: () => entry.waiting.promise,
      leave: () => this.#leave(projectId, entry),
    }
    const others = this.#followers.get(projectId)
    if (others === undefined) this.#followers.set(projectId, new Set([entry]))
    else others.add(entry)
    this.#count++
    return entry
  }

  /** Wakes who follows this pipeline, or does not know yet which one it is; null: everybody of the project. */
  tell(projectId: string, pipeline: number | null): void {
    for (const entry of this.#followers.get(projectId) ?? []) {
      if (pipeline !== null && entry.pipeline !== null && entry.pipeline !== pipeline) continue
      entry.heard = true
      entry.waiting.resolve()
      entry.waiting = Promise.withResolvers()
    }
  }

  #leave(projectId: string, entry: Entry): void {
    const entries = this.#followers.get(projectId)
    if (entries?.delete(entry) !== true) return
    this.#count--
    if (entries.size === 0) this.#followers.delete(projectId)
  }
}
