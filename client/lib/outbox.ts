import { errorLine, isUnreachable } from "./error-text.ts"
import { newId } from "./new-id.ts"

/** A message on its way: kept until the stream shows it. */
export interface Outgoing {
  readonly messageId: string
  readonly content: string
  readonly state: "sending" | "waiting" | "refused"
  readonly reason: string | null
}

type Send = (message: { messageId: string; content: string }) => Promise<unknown>

const key = (projectId: string): string => `gochat.outbox.${projectId}`

function stored(projectId: string): Outgoing[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key(projectId)) ?? "[]")
    return Array.isArray(list) ? (list as Outgoing[]) : []
  } catch {
    return []
  }
}

function store(projectId: string, items: readonly Outgoing[]): void {
  if (items.length === 0) localStorage.removeItem(key(projectId))
  else localStorage.setItem(key(projectId), JSON.stringify(items))
}

/** Leaves a message for a project whose page opens next. */
export function leaveMessage(projectId: string, content: string): void {
  const message: Outgoing = { messageId: newId(), content, state: "waiting", reason: null }
  store(projectId, [...stored(projectId), message])
}

/**
 * Messages that were written but are not on the stream yet, in order. The id is made here, so sending
 * the same one again is harmless: what could not be sent goes when the server is back, and once.
 */
export class Outbox {
  #items: readonly Outgoing[]
  readonly #listeners = new Set<() => void>()
  #busy = false
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(
    readonly projectId: string,
    readonly send: Send,
    readonly retryMs = 4000,
  ) {
    this.#items = stored(projectId)
  }

  readonly getItems = (): readonly Outgoing[] => this.#items

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  add(content: string): void {
    this.#set([...this.#items, { messageId: newId(), content, state: "sending", reason: null }])
    void this.flush()
  }

  /** The stream shows these messages now. */
  arrived(ids: ReadonlySet<string>): void {
    if (this.#items.some((item) => ids.has(item.messageId)))
      this.#set(this.#items.filter((item) => !ids.has(item.messageId)))
  }

  take(messageId: string): Outgoing | null {
    const item = this.#items.find((known) => known.messageId === messageId) ?? null
    this.#set(this.#items.filter((known) => known !== item))
    return item
  }

  /** Sends what waits, one after the other. */
  async flush(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      for (let item = this.#next(); item !== undefined; item = this.#next()) {
        this.#patch(item.messageId, { state: "sending", reason: null })
        if (!(await this.#try(item))) break
      }
    } finally {
      this.#busy = false
    }
  }

  readonly #accepted = new Set<string>()

  #next(): Outgoing | undefined {
    return this.#items.find((item) => item.state !== "refused" && !this.#accepted.has(item.messageId))
  }

  async #try(item: Outgoing): Promise<boolean> {
    try {
      await this.send({ messageId: item.messageId, content: item.content })
      this.#accepted.add(item.messageId)
      return true
    } catch (error) {
      if (!isUnreachable(error)) {
        this.#patch(item.messageId, { state: "refused", reason: errorLine(error) })
        return true
      }
      this.#patch(item.messageId, { state: "waiting" })
      if (this.#timer !== null) clearTimeout(this.#timer)
      this.#timer = setTimeout(() => void this.flush(), this.retryMs)
      return false
    }
  }

  #patch(messageId: string, change: Partial<Outgoing>): void {
    this.#set(this.#items.map((item) => (item.messageId === messageId ? { ...item, ...change } : item)))
  }

  #set(items: readonly Outgoing[]): void {
    this.#items = items
    store(this.projectId, items)
    for (const listener of this.#listeners) listener()
  }
}
