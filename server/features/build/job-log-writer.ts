import type { Services } from "../../context.ts"
import type { DeltaStream } from "../event/delta-writer.ts"
import { insertLog, type LogPiece } from "./store.ts"

/** Text waits so long for more of it. */
const pauseMs = 100
/** Longest piece of one row. */
const pieceChars = 16_000

/**
 * Stores the logs of a build's jobs: rows first, then the same pieces as news, so that whoever read a log up to some
 * character finds the rest of it in the stream.
 */
export class JobLogWriter {
  readonly #ends = new Map<string, number>()
  readonly #stream: DeltaStream
  #waiting: LogPiece[] = []
  #timer: ReturnType<typeof setTimeout> | null = null
  #storing: Promise<void> = Promise.resolve()
  #fault: { error: unknown } | null = null

  constructor(
    private readonly ctx: Pick<Services, "db" | "deltas">,
    projectId: string,
    private readonly buildId: string,
  ) {
    this.#stream = ctx.deltas.open({ projectId, subjectId: buildId })
  }

  /** Takes text; throws what went wrong with text before it. */
  write(jobId: string, text: string): void {
    if (this.#fault !== null) throw this.#fault.error
    for (let rest = text; rest !== "";) {
      const piece = head(rest)
      this.#add(jobId, piece)
      rest = rest.slice(piece.length)
    }
    this.#timer ??= setTimeout(() => void this.#store(), pauseMs)
  }

  /** Resolves when all text so far is stored and told. */
  async flush(): Promise<void> {
    await this.#store()
    if (this.#fault !== null) throw this.#fault.error
    await this.#stream.flush()
  }

  /** Takes nothing more; what waits is dropped. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#waiting = []
    await this.#storing
    await this.#stream.close().catch(() => {})
  }

  #add(jobId: string, text: string): void {
    const from = this.#ends.get(jobId) ?? 0
    this.#ends.set(jobId, from + text.length)
    const last = this.#waiting.at(-1)
    if (last?.jobId === jobId && last.text.length + text.length <= pieceChars) last.text += text
    else this.#waiting.push({ jobId, from, text })
  }

  /** One after the other; never rejects. */
  #store(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#storing = this.#storing.then(() => this.#storeWaiting())
    return this.#storing
  }

  async #storeWaiting(): Promise<void> {
    const pieces = this.#waiting
    this.#waiting = []
    if (pieces.length === 0 || this.#fault !== null) return
    try {
      await insertLog(this.ctx.db, pieces)
      for (const piece of pieces) this.#stream.write({ type: "build.log", buildId: this.buildId, ...piece })
    } catch (error) {
      this.#fault = { error }
    }
  }
}

/** At most a piece of the text; a pair of halves stays together. */
function head(text: string): string {
  const cut = text.slice(0, pieceChars)
  return cut.length < text.length ? cut.replace(/[\uD800-\uDBFF]$/, "") : cut
}
