import type { Services } from "../../context.ts"

/** With what `Membership` believes, nobody looks on for a whole minute after they may not any more. */
export const checkMs = 20_000

interface Stream {
  projectId: string
  mayLook: () => Promise<boolean>
  end: AbortController
}

/** Answers and sockets that are still open: each is ended when whoever opened it may not look any more. */
export class OpenStreams {
  readonly #open = new Set<Stream>()
  #timer: ReturnType<typeof setInterval> | null = null

  constructor(
    private readonly services: Pick<Services, "hub" | "log">,
    private readonly everyMs = checkMs,
  ) {
    services.hub.onProjectChanged(({ projectId }) => void this.#check(projectId))
  }

  /** The signal aborts when `mayLook` says no; `close` once the stream has ended. */
  open(projectId: string, mayLook: () => Promise<boolean>): { signal: AbortSignal; close: () => void } {
    const stream: Stream = { projectId, mayLook, end: new AbortController() }
    this.#open.add(stream)
    this.#timer ??= setInterval(() => void this.#check(null), this.everyMs)
    return { signal: stream.end.signal, close: () => this.#close(stream) }
  }

  #close(stream: Stream): void {
    this.#open.delete(stream)
    if (this.#open.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  async #check(projectId: string | null): Promise<void> {
    const concerned = [...this.#open].filter((stream) => projectId === null || stream.projectId === projectId)
    for (const stream of concerned) {
      try {
        if (await stream.mayLook()) continue
        this.#close(stream)
        stream.end.abort()
      } catch (err) {
        // Nobody is thrown out because the database is away for a moment.
        this.services.log.warn({ err }, "who looks at a preview could not be checked")
        return
      }
    }
  }
}
