import { cleanText } from "../../lib/clean-text.ts"
import { FailureFinder } from "./failure-finder.ts"

/** Longest log of a job. */
export const logChars = 4_000_000

/** Of the part that is not kept, so much of its end is searched for what failed. */
const tailChars = 64_000

/** Takes what a job writes, bounds it, and looks for the line that says what failed. */
export class JobLog {
  #chars = 0
  #full = false
  #tail = ""
  readonly #finder = new FailureFinder()

  constructor(
    private readonly write: (text: string) => void,
    private readonly limit = logChars,
  ) {}

  /** Output of the job's own commands. */
  output(text: string): void {
    const clean = cleanText(text)
    if (this.#full) this.#tail = (this.#tail + clean).slice(-tailChars)
    else this.#finder.add(clean)
    this.#append(clean)
  }

  /** A line of ours; it is kept beyond the limit. */
  note(words: string, color: "plain" | "green" | "red" | "yellow" = "plain"): void {
    const code = { plain: "0;36", green: "32;1", red: "31;1", yellow: "0;33" }[color]
    this.write(`\u001B[${code}m${cleanText(words)}\u001B[0;m\n`)
  }

  /** The first plain line of what failed, null when nothing was said. */
  get failure(): string | null {
    if (this.#tail !== "") this.#finder.add(`\n${this.#tail}`)
    this.#tail = ""
    return this.#finder.found
  }

  /** A new attempt: what failed before no longer counts. */
  restart(): void {
    this.#tail = ""
    this.#finder.restart()
  }

  #append(text: string): void {
    if (this.#full || text === "") return
    const room = this.limit - this.#chars
    // A pair of halves is never cut in two.
    const kept = text.length <= room ? text : text.slice(0, room).replace(/[\uD800-\uDBFF]$/, "")
    this.#chars += kept.length
    if (kept !== "") this.write(kept)
    if (kept.length === text.length) return
    this.#full = true
    this.write("\n")
    this.note("The log is longer than is kept; the check goes on, the rest of what it says is left out.", "yellow")
  }
}
