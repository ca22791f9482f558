import type { Database } from "../../lib/database.ts"
import { type Fence, FenceLost, type QueuedEvent } from "./append.ts"
import { coalesce, type StreamNews } from "./coalesce.ts"
import type { Hub } from "./hub.ts"
import { findStored, readFences, readStream, storeBatch } from "./store.ts"

/** Pause between two batches of streaming text. */
const tickMs = 30
/** A failing database is tried again after this, while text waits in memory up to `waitingPieces`. */
const retryMs = 500
/** Batches that may be under way at once; each holds a connection. */
const parallelBatches = 4
/** Beyond this many waiting pieces of one stream its writer is told to stop. */
const waitingPieces = 2_000

export interface DeltaWriterOptions {
  db: Database
  hub: Hub
  onError: (error: unknown) => void
}

export interface StreamOf {
  projectId: string
  /** The run or build. */
  subjectId: string
  fence?: Fence
}

/**
 * Stores the streaming text of all runs and builds of this process: one statement a tick for all of them. What
 * somebody waits for (a first piece, a flush) does not wait for the tick nor for a batch that is under way.
 * A project whose row is locked goes with the next tick; one that is gone is dropped.
 */
export class DeltaWriter {
  readonly #streams = new Set<DeltaStream>()
  readonly #dirty = new Set<DeltaStream>()
  /** Pieces of these are on their way; the next ones wait, or the order could be lost. */
  readonly #busy = new Set<DeltaStream>()
  readonly #batches = new Set<Promise<void>>()
  #doubtful: Taken[] = []
  #tick: ReturnType<typeof setTimeout> | null = null
  #urgent: ReturnType<typeof setImmediate> | null = null
  #closed = false

  constructor(private readonly options: DeltaWriterOptions) {}

  open(of: StreamOf): DeltaStream {
    const stream = new DeltaStream(
      of,
      (dirty, urgent) => this.#mark(dirty, urgent),
      (closed) => this.#streams.delete(closed),
    )
    this.#streams.add(stream)
    return stream
  }

  /** Stores what is left. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#streams].map((stream) => stream.flush()))
    this.#closed = true
    if (this.#tick !== null) clearTimeout(this.#tick)
    if (this.#urgent !== null) clearImmediate(this.#urgent)
    await Promise.all(this.#batches)
  }

  #mark(stream: DeltaStream, urgent: boolean): void {
    if (this.#closed) return
    this.#dirty.add(stream)
    if (urgent) this.#hurry()
    else this.#wait(tickMs)
  }

  #wait(pauseMs: number): void {
    this.#tick ??= setTimeout(() => {
      this.#tick = null
      this.#begin([...this.#dirty])
    }, pauseMs)
  }

  #hurry(): void {
    this.#urgent ??= setImmediate(() => {
      this.#urgent = null
      if (this.#batches.size < parallelBatches) this.#begin([...this.#dirty].filter((stream) => stream.urgent))
    })
  }

  #begin(wanted: DeltaStream[]): void {
    const streams = wanted.filter((stream) => !this.#busy.has(stream))
    if (this.#closed || (streams.length === 0 && this.#doubtful.length === 0)) return
    const batch = this.#store(streams).then((pauseMs) => {
      this.#batches.delete(batch)
      if (this.#closed) return
      if (pauseMs === tickMs && [...this.#dirty].some((stream) => stream.urgent)) this.#hurry()
      if (this.#dirty.size > 0 || this.#doubtful.length > 0) this.#wait(pauseMs)
    })
    this.#batches.add(batch)
  }

  /** One batch. Resolves to the pause before the next one. */
  async #store(streams: DeltaStream[]): Promise<number> {
    const { db, hub, onError } = this.options
    const taken = streams.map((stream) => ({ stream, events: stream.take() }))
    for (const stream of streams) {
      this.#dirty.delete(stream)
      this.#busy.add(stream)
    }
    try {
      await this.#settleDoubts()
    } catch (error) {
      // Nothing of this batch was sent.
      for (const one of taken) this.#putBack(one)
      onError(error)
      return retryMs
    }
    try {
      const stored = await storeBatch(
        db,
        taken.flatMap(({ events }) => events),
        hub.notifies,
      )
      const tops = new Map(stored.map((event) => [event.projectId, event.seq]))
      hub.publish(stored)
      const left: Taken[] = []
      for (const one of taken) {
        const top = tops.get(one.stream.projectId)
        if (top === undefined) left.push(one)
        else this.#done(one.stream, top)
      }
      if (left.length > 0) await this.#sortOut(left)
      return tickMs
    } catch (error) {
      // The statement may have been committed although its answer was lost; until that is known they stay busy.
      this.#doubtful.push(...taken.filter(({ stream }) => this.#busy.has(stream)))
      onError(error)
      return retryMs
    }
  }

  #done(stream: DeltaStream, seq: number | null): void {
    this.#busy.delete(stream)
    stream.stored(seq)
  }

  #putBack({ stream, events }: Taken): void {
    this.#busy.delete(stream)
    stream.putBack(events)
    this.#dirty.add(stream)
  }

  /** Nothing may be stored twice: finds out which of the batches that failed did arrive. */
  async #settleDoubts(): Promise<void> {
    const doubts = this.#doubtful
    if (doubts.length === 0) return
    this.#doubtful = []
    try {
      const arrived = await findStored(
        this.options.db,
        doubts.map(({ stream }) => stream.place),
      )
      for (const one of doubts) {
        const { projectId, subjectId } = one.stream.place
        if (!arrived.has(subjectId)) {
          this.#putBack(one)
          continue
        }
        this.#done(one.stream, (await readStream(this.options.db, projectId))?.seq ?? null)
        this.options.hub.refresh(projectId)
      }
    } catch (error) {
      this.#doubtful.push(...doubts.filter(({ stream }) => this.#busy.has(stream)))
      throw error
    }
  }

  /** Why was a project left out of a batch: locked by another, taken by another, or gone? */
  async #sortOut(left: Taken[]): Promise<void> {
    const fences = await readFences(this.options.db, [...new Set(left.map(({ stream }) => stream.projectId))])
    for (const { stream, events } of left) {
      const fence = fences.get(stream.projectId)
      if (fence !== undefined && (stream.fence === null || stream.fence === fence)) this.#putBack({ stream, events })
      else {
        this.#busy.delete(stream)
        stream.lose()
      }
    }
  }
}

interface Taken {
  stream: DeltaStream
  events: QueuedEvent[]
}

/** The streaming text of one run or build. */
export class DeltaStream {
  #waiting: StreamNews[] = []
  #inFlight = 0
  #storedSeq = 0
  #lost = false
  #closed = false
  #first = true
  #flushes: PromiseWithResolvers<void>[] = []

  constructor(
    private readonly of: StreamOf,
    private readonly mark: (stream: DeltaStream, urgent: boolean) => void,
    private readonly onClose: (stream: DeltaStream) => void,
  ) {}

  get projectId(): string {
    return this.of.projectId
  }

  /** Up to where its rows are known to be stored. */
  get place(): { projectId: string; subjectId: string; after: number } {
    return { projectId: this.of.projectId, subjectId: this.of.subjectId, after: this.#storedSeq }
  }

  get fence(): number | null {
    return this.of.fence?.fence ?? null
  }

  /** Somebody waits for this stream: for its first piece to show, or for all of it to be stored. */
  get urgent(): boolean {
    return this.#flushes.length > 0 || (this.#first && this.#waiting.length > 0)
  }

  /** Takes a piece; it is stored within a tick or two. Throws `FenceLost` once the run is no longer ours. */
  write(news: StreamNews): void {
    if (this.#lost) throw new FenceLost(this.of.projectId)
    if (this.#closed) throw new Error("this stream is closed")
    coalesce(this.#waiting, news)
    if (this.#waiting.length > waitingPieces) throw new Error("the database does not take what is written")
    this.mark(this, this.#first)
  }

  /** Resolves when all that was written is stored and published; throws `FenceLost`. */
  async flush(): Promise<void> {
    if (this.#lost) throw new FenceLost(this.of.projectId)
    if (this.#waiting.length === 0 && this.#inFlight === 0) return
    const flush = Promise.withResolvers<void>()
    this.#flushes.push(flush)
    this.mark(this, true)
    await flush.promise
  }

  /** Flushes, then takes nothing more. */
  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      this.#closed = true
      this.onClose(this)
    }
  }

  /** For the writer: what waits now, as queued events. */
  take(): QueuedEvent[] {
    const events = this.#waiting.map((news) => ({
      projectId: this.of.projectId,
      news,
      subjectId: this.of.subjectId,
      fence: this.fence,
    }))
    this.#waiting = []
    this.#inFlight = events.length
    this.#first = false
    return events
  }

  /** For the writer: what was taken is in the log, the last of it at `seq`; null when it is not. */
  stored(seq: number | null): void {
    if (seq === null) return
    this.#inFlight = 0
    this.#storedSeq = seq
    if (this.#waiting.length > 0) return
    for (const flush of this.#flushes.splice(0)) flush.resolve()
  }

  /** For the writer: what was taken could not be stored yet. */
  putBack(events: QueuedEvent[]): void {
    this.#inFlight = 0
    const later = this.#waiting
    this.#waiting = events.map((event) => event.news as StreamNews)
    for (const news of later) coalesce(this.#waiting, news)
  }

  /** For the writer: the run is no longer ours, or the project is gone. */
  lose(): void {
    this.#inFlight = 0
    this.#waiting = []
    this.#lost = true
    for (const flush of this.#flushes.splice(0)) flush.reject(new FenceLost(this.of.projectId))
  }
}
