import { lastDrawn, onlyColors } from "./ansi.ts"

/** A line so long is not waited for. */
const longestLine = 16_000

const mark = /section_(start|end):\d+:([\w.-]+)(?:\[[^\]\r\n]*\])?(?:\r(?:\u001B\[0K)?)?/g // oxlint-disable-line no-control-regex -- GitLab's marks have them
/** Newer runners write the time and the stream before each line; "+" is the rest of the line before. */
const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z [0-9a-f]{2}[EO]([ +])/

export interface TraceReader {
  /** Text of the job; `frame` when it is the runner's own around the job's commands. */
  text(text: string, frame: boolean): void
  /** The job's own commands begin. */
  begins(): void
}

/** Makes plain lines of a runner's log as it comes. */
export class TraceLines {
  #decoder = new TextDecoder()
  #rest = ""
  /** The end of a line is told with the next one: that may be its rest. */
  #open = false
  #frame = false

  constructor(private readonly reader: TraceReader) {}

  add(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }))
  }

  /** The log is complete: what waits is told, too. */
  end(): void {
    this.#take(this.#decoder.decode())
    if (this.#rest !== "") this.#line(this.#rest, false)
    this.#rest = ""
    if (this.#open) this.reader.text("\n", this.#frame)
    this.#open = false
  }

  /** The log begins again. */
  restart(): void {
    this.#decoder = new TextDecoder()
    this.#rest = ""
    this.#frame = false
    if (this.#open) this.reader.text("\n", true)
    this.#open = false
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n")
    this.#rest = lines.pop() ?? ""
    for (const line of lines) this.#line(line, true)
    while (this.#rest.length > longestLine) {
      const piece = this.#rest.slice(0, longestLine).replace(/[\uD800-\uDBFF]$/, "")
      this.#line(piece, false)
      this.#rest = this.#rest.slice(piece.length)
    }
  }

  #line(raw: string, ended: boolean): void {
    const stamped = stamp.exec(raw)
    const line = stamped === null ? raw : raw.slice(stamped[0].length)
    if (this.#open && stamped?.[1] !== "+") this.reader.text("\n", this.#frame)
    this.#open = false
    let marked = false
    for (const [, which, section] of line.matchAll(mark)) {
      marked = true
      if (section !== "step_script" && section !== "build_script") continue
      this.#frame = which === "end"
      if (which === "start") this.reader.begins()
    }
    const plain = onlyColors(lastDrawn(line.replaceAll(mark, "")))
    // A line that held nothing but marks leaves none.
    if (marked && plain === "") return
    if (plain !== "") this.reader.text(plain, this.#frame || /ERROR: Job failed/.test(plain))
    this.#open = ended
  }
}
