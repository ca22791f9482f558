import type { AccountEvent } from "../../../shared/account.ts"
import type { Database } from "../../lib/database.ts"
import { readAfter, readStream } from "./store.ts"
import type { StoredEvent } from "./stored-event.ts"
import { Subscription } from "./subscription.ts"
import { Topic } from "./topic.ts"

export interface HubOptions {
  db: Database
  /** Other processes share the database: commits tell them with NOTIFY. */
  notifies: boolean
  onError: (error: unknown) => void
}

type ProjectListener = (event: StoredEvent) => void

/** Hands events from their writers to their watchers, in order, once. */
export class Hub {
  readonly notifies: boolean
  readonly #db: Database
  readonly #onError: (error: unknown) => void
  readonly #topics = new Map<string, Promise<Topic>>()
  readonly #open = new Map<string, Topic>()
  readonly #listeners = new Set<ProjectListener>()
  readonly #accounts = new Map<string, Set<(event: AccountEvent) => void>>()

  constructor(options: HubOptions) {
    this.#db = options.db
    this.#onError = options.onError
    this.notifies = options.notifies
  }

  /** Called with what a commit stored, by `inTransaction` and the delta writer only. */
  publish(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#open.get(event.projectId)?.publish(event)
      if (event.type === "project.changed") for (const listener of this.#listeners) listener(event)
    }
  }

  /** Another process stored events of this project up to `seq`. */
  reach(projectId: string, seq: number): void {
    this.#open.get(projectId)?.reach(seq)
  }

  /** This project may have events that nobody published. */
  refresh(projectId: string): void {
    this.#open.get(projectId)?.fill()
  }

  /** The connection that tells of other processes' events was gone: everything may have moved. */
  reachAll(): void {
    for (const topic of this.#open.values()) topic.fill()
  }

  /**
   * Watches a project from after `lastSeq` (0 = from the beginning). Dispose it when done. With `reset` the log
   * no longer holds what was asked for; the subscription then stands at `reset.seq`. `null`: no such project.
   */
  async watch(
    projectId: string,
    lastSeq: number,
  ): Promise<{ subscription: Subscription; reset: number | null } | null> {
    const topic = await this.#enter(projectId)
    if (topic === null) return null
    try {
      // Listening has begun; only now the log's state is read, so nothing can fall between.
      const stream = await readStream(this.#db, projectId)
      if (stream === null) {
        this.#leave(projectId, topic)
        return null
      }
      const whole = lastSeq >= stream.floor && lastSeq <= stream.seq
      const from = whole ? lastSeq : stream.seq
      const subscription = new Subscription(topic, from, this.#reader(projectId), () => this.#leave(projectId, topic))
      return { subscription, reset: whole ? null : stream.seq }
    } catch (error) {
      this.#leave(projectId, topic)
      throw error
    }
  }

  /** Every stored `project.changed`, of whichever project. Returns a function that ends it. */
  onProjectChanged(listener: ProjectListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** News for one person that belong to no project's log. */
  publishAccount(userId: string, event: AccountEvent): void {
    for (const listener of this.#accounts.get(userId) ?? []) listener(event)
  }

  onAccount(userId: string, listener: (event: AccountEvent) => void): () => void {
    const listeners = this.#accounts.get(userId) ?? new Set()
    this.#accounts.set(userId, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#accounts.delete(userId)
    }
  }

  /** How many projects are held in memory; for tests and the log. */
  get topicCount(): number {
    return this.#topics.size
  }

  #reader(projectId: string) {
    return (after: number, limit: number) => readAfter(this.#db, projectId, after, limit)
  }

  /** The project's topic, counted as watched; it may have been closed while it was waited for. */
  async #enter(projectId: string): Promise<Topic | null> {
    for (;;) {
      const topic = await this.#topic(projectId)
      if (topic === null) return null
      if (this.#open.get(projectId) !== topic) continue
      topic.watchers++
      return topic
    }
  }

  async #topic(projectId: string): Promise<Topic | null> {
    const known = this.#topics.get(projectId)
    if (known !== undefined) return known
    const opening = this.#openTopic(projectId)
    this.#topics.set(projectId, opening)
    try {
      return await opening
    } catch (error) {
      this.#topics.delete(projectId)
      if (error instanceof NoStream) return null
      throw error
    }
  }

  async #openTopic(projectId: string): Promise<Topic> {
    const stream = await readStream(this.#db, projectId)
    if (stream === null) throw new NoStream()
    const topic = new Topic(stream.seq, this.#reader(projectId), this.#onError)
    this.#open.set(projectId, topic)
    // What was published between the read and this line is in the table by now.
    topic.fill()
    return topic
  }

  #leave(projectId: string, topic: Topic): void {
    topic.watchers--
    if (topic.watchers > 0 || this.#open.get(projectId) !== topic) return
    this.#open.delete(projectId)
    this.#topics.delete(projectId)
    topic.close()
  }
}

class NoStream extends Error {}
