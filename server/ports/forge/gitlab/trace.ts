import { JobLog } from "../job-log.ts"
import { errorOfConnection } from "./errors.ts"
import { TraceLines } from "./trace-lines.ts"

/** So many bytes before the place we are at are known again, to see that the log is still the same one. */
const tailBytes = 256
/** GitLab's own limit is 100 MB. */
const mostBytes = 120_000_000
/** From here on a log is looked at once more only, at its end. */
const enoughBytes = 8_000_000

/**
 * A job's log, followed by its length: GitLab answers the whole of it each time. Text goes to `write`; what a person
 * sees is bounded, and the first line of what failed is found in it.
 */
export class Trace {
  #seen = 0
  #tail = new Uint8Array()
  #nextAt = 0
  #ended = false
  readonly #log: JobLog
  /** The runner's own words: told, but not searched for what failed. */
  readonly #frame: JobLog
  readonly #lines: TraceLines

  constructor(write: (text: string) => void) {
    this.#log = new JobLog(write)
    this.#frame = new JobLog(write, 200_000)
    this.#lines = new TraceLines({
      text: (text, frame) => (frame ? this.#frame : this.#log).output(text),
      begins: () => this.#log.restart(),
    })
  }

  /** Reads what is new. While the job runs a long log is not read each time. */
  async read(open: () => Promise<Response | null>, complete: boolean): Promise<void> {
    if (this.#ended) return
    if (!complete && (this.#seen > enoughBytes || performance.now() < this.#nextAt)) return
    // A shorter answer may be one that was cut off: only the second in a row counts.
    if (!(await this.#once(open)) && !(await this.#once(open))) {
      this.#restart()
      await this.#once(open)
    }
    this.#nextAt = performance.now() + Math.max(0, this.#seen - 100_000) / 200
    if (!complete) return
    this.#ended = true
    this.#lines.end()
  }

  /** A line of ours. */
  note(words: string): void {
    this.#log.note(words, "yellow")
  }

  get failure(): string | null {
    return this.#log.failure
  }

  /** False: what is there is not what was there before, and longer. */
  async #once(open: () => Promise<Response | null>): Promise<boolean> {
    try {
      return await this.#rest((await open())?.body ?? null)
    } catch (error) {
      // Also of a connection that breaks in the middle: what came so far counts, the rest is read the next time.
      throw errorOfConnection(error, "GET", "")
    }
  }

  async #rest(body: ReadableStream<Uint8Array> | null): Promise<boolean> {
    let at = 0
    const tailFrom = this.#seen - this.#tail.length
    if (body !== null) {
      // Leaving the loop early gives the rest up.
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        const from = at
        at += chunk.length
        if (from < this.#seen && !this.#sameTail(chunk, from, tailFrom)) return false
        if (at > this.#seen) this.#take(chunk.subarray(Math.max(0, this.#seen - from)))
        if (at > mostBytes) break
      }
    }
    return at >= this.#seen
  }

  #sameTail(chunk: Uint8Array, from: number, tailFrom: number): boolean {
    const start = Math.max(from, tailFrom)
    const end = Math.min(from + chunk.length, tailFrom + this.#tail.length)
    if (start >= end) return true
    const known = this.#tail.subarray(start - tailFrom, end - tailFrom)
    return Buffer.compare(known, chunk.subarray(start - from, end - from)) === 0
  }

  #take(bytes: Uint8Array): void {
    this.#seen += bytes.length
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-tailBytes)]).subarray(-tailBytes)
    this.#lines.add(bytes)
  }

  #restart(): void {
    this.#seen = 0
    this.#tail = new Uint8Array()
    this.#lines.restart()
    this.#log.restart()
    this.note("The log was erased in GitLab; what follows is what it holds now.")
  }
}
