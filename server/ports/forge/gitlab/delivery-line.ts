import { Lines } from "../../../lib/lines.ts"
import { onAbort } from "../../../lib/on-abort.ts"

/** Told why nothing moves; null: it moves again. */
type Tell = (words: string | null) => void

/**
 * Versions of a project go to GitLab one at a time, in the order in which they began, so that the newest comes last. What
 * holds up the one whose turn it is holds up those behind it, and is told of all.
 */
export class DeliveryLine {
  readonly #lines = new Lines()
  readonly #words = new Map<string, string>()
  readonly #behind = new Map<string, Set<Tell>>()

  /** Who is not wanted any more does not wait. `work` tells with `tell` what holds it up. */
  async wait<T>(projectId: string, signal: AbortSignal, tell: Tell, work: (tell: Tell) => Promise<T>): Promise<T> {
    const news = onlyNews(tell)
    const leave = this.#join(projectId, news)
    const turn = this.#lines.wait(projectId, async () => {
      signal.throwIfAborted()
      leave()
      try {
        return await work((words) => {
          news(words)
          this.#hold(projectId, words)
        })
      } finally {
        this.#hold(projectId, null)
      }
    })
    turn.catch(() => {})
    let take = () => {}
    const aborted = new Promise<never>((_, reject) => {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the signal's own reason
      take = onAbort(signal, () => reject(signal.reason))
    })
    try {
      const done = await Promise.race([turn, aborted])
      news(null)
      return done
    } finally {
      take()
      leave()
    }
  }

  #join(projectId: string, tell: Tell): () => void {
    const others = this.#behind.get(projectId) ?? new Set()
    this.#behind.set(projectId, others.add(tell))
    const words = this.#words.get(projectId)
    if (words !== undefined) tell(words)
    return () => {
      others.delete(tell)
      if (others.size === 0 && this.#behind.get(projectId) === others) this.#behind.delete(projectId)
    }
  }

  #hold(projectId: string, words: string | null): void {
    if (words === null) this.#words.delete(projectId)
    else this.#words.set(projectId, words)
    for (const tell of this.#behind.get(projectId) ?? []) tell(words)
  }
}

function onlyNews(tell: Tell): Tell {
  let told: string | null = null
  return (words) => {
    if (words === told) return
    told = words
    tell(words)
  }
}
