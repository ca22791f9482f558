import { AppError } from "../app-error.ts"

/** What GitLab sends at most. */
export const hookBytes = 25 * 1024 * 1024

/** Bodies that are in memory at the same time take at most so much of it; who finds no room waits. */
export class BodyRoom {
  #left: number
  readonly #waiting: { bytes: number; enter: () => void }[] = []

  constructor(bytes: number) {
    this.#left = bytes
  }

  /** Runs `work` once there is room for so many bytes; throws the signal's reason when there is none in time. */
  async within<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(bytes, signal)
    try {
      return await work()
    } finally {
      this.#left += bytes
      this.#next()
    }
  }

  async #enter(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting.length === 0 && bytes <= this.#left) {
      this.#left -= bytes
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const entry = { bytes, enter: resolve }
    const giveUp = () => {
      const at = this.#waiting.indexOf(entry)
      if (at < 0) return
      this.#waiting.splice(at, 1)
      reject(signal.reason)
      this.#next()
    }
    this.#waiting.push(entry)
    signal.addEventListener("abort", giveUp, { once: true })
    await promise.finally(() => signal.removeEventListener("abort", giveUp))
  }

  /** In the order in which they came. */
  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined && first.bytes <= this.#left; first = this.#waiting[0]) {
      this.#waiting.shift()
      this.#left -= first.bytes
      first.enter()
    }
  }
}

/** So many bytes the body may have by what its sender says; throws `too_large` when that is more than GitLab sends. */
export function statedBytes({ headers }: Request): number {
  const length = headers.get("content-length")
  const bytes = length === null ? hookBytes : Number(length)
  if (bytes > hookBytes) throw tooLarge()
  return bytes
}

/** The whole body, as it came; what is too large, cut off or too slow is refused. */
export async function readBody(request: Request, signal: AbortSignal): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array()
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  const stop = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener("abort", stop, { once: true })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return Buffer.concat(chunks)
      bytes += value.byteLength
      if (bytes > hookBytes) throw tooLarge()
      chunks.push(value)
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw signal.aborted ? error : new AppError("bad_input", "The body was cut off.")
  } finally {
    signal.removeEventListener("abort", stop)
    void reader.cancel().catch(() => {})
  }
}

const tooLarge = (): AppError => new AppError("too_large", `A message may have at most ${hookBytes / 1024 ** 2} MB.`)
