import { onAbort } from "../../../../lib/on-abort.ts"

export interface Waiter {
  onProgress: (words: string) => void
  signal: AbortSignal
}

interface Work<T> {
  done: Promise<T>
  ending: AbortController
  waiters: Set<Waiter>
  said: string | null
}

/** Work that several may wait for is done once: each hears of its progress, and it ends when nobody waits any more. */
export class SharedWork<T> {
  readonly #works = new Map<string, Work<T>>()

  get size(): number {
    return this.#works.size
  }

  /** Waits for the work under this key, begun by whoever asks first. Throws the signal's reason when it aborts. */
  async join(key: string, waiter: Waiter, begin: (shared: Waiter) => Promise<T>): Promise<T> {
    waiter.signal.throwIfAborted()
    const work = this.#works.get(key) ?? this.#begin(key, begin)
    // An own entry, also for somebody who waits twice.
    const mine = { ...waiter }
    work.waiters.add(mine)
    if (work.said !== null) mine.onProgress(work.said)
    const { promise: left, reject } = Promise.withResolvers<never>()
    const stay = onAbort(waiter.signal, () => reject(waiter.signal.reason))
    try {
      return await Promise.race([work.done, left])
    } finally {
      stay()
      work.waiters.delete(mine)
      if (work.waiters.size === 0) this.#end(key, work)
    }
  }

  #begin(key: string, begin: (shared: Waiter) => Promise<T>): Work<T> {
    const ending = new AbortController()
    const waiters = new Set<Waiter>()
    const onProgress = (words: string) => {
      work.said = words
      for (const waiter of waiters) waiter.onProgress(words)
    }
    const done = Promise.resolve().then(() => begin({ onProgress, signal: ending.signal }))
    const work: Work<T> = { done, ending, waiters, said: null }
    this.#works.set(key, work)
    done.then(
      () => this.#end(key, work),
      () => this.#end(key, work),
    )
    return work
  }

  #end(key: string, work: Work<T>): void {
    if (this.#works.get(key) === work) this.#works.delete(key)
    work.ending.abort()
  }
}
