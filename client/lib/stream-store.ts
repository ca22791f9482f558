import type { ChatHistory } from "../../shared/chat.ts"
import type { ProjectEvent } from "../../shared/events.ts"
import { emptyState, fromHistory, type ProjectState, reduce } from "../../shared/reduce.ts"

/** Where a stream gets its facts from: the server, or a script in tests. */
export interface StreamSource {
  /** `chat.history` first, then the rest, so that nothing in the rest is older than `history.seq`. */
  load(): Promise<{ history: ChatHistory; rest: Partial<ProjectState> }>
  older(cursor: string): Promise<ChatHistory>
  /** Events after `seq`; returns what ends the watch. */
  watch(seq: number, on: WatchHandlers): () => void
}

export interface WatchHandlers {
  event: (event: ProjectEvent) => void
  /** `true` while events can arrive. */
  connected: (up: boolean) => void
  /** The watch is over and does not come back by itself. */
  failed: (error: unknown) => void
}

export interface StreamState extends ProjectState {
  readonly phase: "loading" | "ready" | "failed"
  readonly error: unknown
  /** The connection has been away for longer than a person should not notice. */
  readonly reconnecting: boolean
  /** Leads to the messages before the first one here. */
  readonly olderCursor: string | null
  readonly loadingOlder: boolean
}

interface Options {
  /** Runs work before the next paint; returns what takes it back. */
  nextFrame?: (work: () => void) => () => void
  quietMs?: number
}

/** A hidden page paints no frames; it still keeps up, twice a second. */
const paint = (work: () => void): (() => void) => {
  if (document.visibilityState === "hidden") {
    const timer = setTimeout(work, 500)
    return () => clearTimeout(timer)
  }
  const frame = requestAnimationFrame(work)
  return () => cancelAnimationFrame(frame)
}

/**
 * What a window knows of one project, outside React: one snapshot, then events.
 * However many events arrive, listeners hear of them once per frame.
 */
export class ProjectStream {
  #state: StreamState = {
    ...emptyState,
    phase: "loading",
    error: null,
    reconnecting: false,
    olderCursor: null,
    loadingOlder: false,
  }
  readonly #listeners = new Set<() => void>()
  #waiting: ProjectEvent[] = []
  #cancelFrame: (() => void) | null = null
  #endWatch: (() => void) | null = null
  #quiet: ReturnType<typeof setTimeout> | null = null
  #running = false
  /** Counts loads, so that the answer to an old one is dropped. */
  #load = 0
  readonly #nextFrame: NonNullable<Options["nextFrame"]>
  readonly #quietMs: number

  constructor(
    readonly source: StreamSource,
    options: Options = {},
  ) {
    this.#nextFrame = options.nextFrame ?? paint
    this.#quietMs = options.quietMs ?? 5000
  }

  readonly getState = (): StreamState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Starts or goes on from where it was; returns what stops it. */
  start(): () => void {
    this.#running = true
    if (this.#state.phase === "ready") this.#watch()
    else void this.#reload()
    return () => this.#stop()
  }

  /** The connection may be dead without anybody having said so (a laptop that slept): open it again from `seq`. */
  wake(): void {
    if (!this.#running) return
    if (this.#state.phase === "ready") this.#watch()
    else if (this.#state.phase === "failed") void this.#reload()
  }

  async loadOlder(): Promise<void> {
    const cursor = this.#state.olderCursor
    if (cursor === null || this.#state.loadingOlder) return
    this.#set({ loadingOlder: true })
    try {
      const page = await this.source.older(cursor)
      const known = new Set(this.#state.messages.map((message) => message.id))
      const runs = new Set(this.#state.runs.map((run) => run.runId))
      this.#set({
        messages: [...page.messages.filter((message) => !known.has(message.id)), ...this.#state.messages],
        runs: [...page.runs.filter((run) => !runs.has(run.runId)), ...this.#state.runs],
        olderCursor: page.nextCursor,
        loadingOlder: false,
      })
    } catch {
      this.#set({ loadingOlder: false })
    }
  }

  #stop(): void {
    this.#running = false
    this.#load++
    this.#flush()
    this.#endWatch?.()
    this.#endWatch = null
    this.#connected(true)
  }

  async #reload(): Promise<void> {
    const load = ++this.#load
    this.#endWatch?.()
    this.#endWatch = null
    this.#drop()
    if (this.#state.phase === "failed") this.#set({ phase: "loading", error: null })
    try {
      const { history, rest } = await this.source.load()
      if (load !== this.#load) return
      this.#set({ ...fromHistory(history, rest), phase: "ready", error: null, olderCursor: history.nextCursor })
      this.#watch()
    } catch (error) {
      if (load === this.#load) this.#set({ phase: "failed", error })
    }
  }

  #watch(): void {
    this.#endWatch?.()
    this.#flush()
    let over = false
    const end = this.source.watch(this.#state.seq, {
      event: (event) => {
        if (over) return
        this.#waiting.push(event)
        this.#cancelFrame ??= this.#nextFrame(() => this.#flush())
      },
      connected: (up) => {
        if (!over) this.#connected(up)
      },
      failed: (error) => {
        if (!over) this.#set({ phase: "failed", error })
      },
    })
    this.#endWatch = () => {
      over = true
      end()
    }
  }

  #flush(): void {
    const events = this.#waiting
    this.#drop()
    if (events.length === 0) return
    let state: ProjectState = this.#state
    for (const event of events) state = reduce(state, event)
    if (state === this.#state) return
    this.#set(state)
    if (state.stale && this.#running) void this.#reload()
  }

  #drop(): void {
    this.#waiting = []
    this.#cancelFrame?.()
    this.#cancelFrame = null
  }

  #connected(up: boolean): void {
    if (up) {
      if (this.#quiet !== null) clearTimeout(this.#quiet)
      this.#quiet = null
      if (this.#state.reconnecting) this.#set({ reconnecting: false })
    } else {
      this.#quiet ??= setTimeout(() => this.#set({ reconnecting: true }), this.#quietMs)
    }
  }

  #set(change: Partial<StreamState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}
