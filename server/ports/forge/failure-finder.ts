/** How a command shows in a log before its output, as GitLab's runner writes it. */
export const echoPrefix = "\u001B[32;1m$ "

/** Longest line that is looked at, and longest sentence that is shown. */
const lineChars = 2_000
const sentenceChars = 300

// oxlint-disable-next-line no-control-regex -- these are the terminal's control codes
const ansi = /\u001B(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-_])/g

/** A failed test says most about what a person sees. */
const testLine = /^(?:\(fail\)|✗|✖|×|✘|●|not ok\b|FAIL\b)\s*\S/
/** Said by a build tool after the line that matters. */
const summaryLine = /^✗ Build failed\b|:$/
/** What compilers, runtimes and shells call an error. */
const errorLines = [
  /^(?:uncaught |unhandled |fatal )*(?:[\w.]*(?:error|exception)|fatal|err!)(?:\s*[[(][\w-]+[\])])?:\s*\S/i,
  /^\S+[:(]\d+[:,]\d+\)?:?\s+(?:-\s+)?error\b/i,
  /^npm (?:ERR!|error)\s+(?!code\b|errno\b|path\b)\S/,
  /: (?:command not found|not found|No such file or directory|Permission denied|cannot open|Is a directory)\s*$/i,
  /^error\b/i,
]
/** Words that often, not always, tell of a failure. */
const hintLine = /\bis missing\b|\bcannot find\b|\bcould not\b|\bthere is no\b|\bfailed\b/i

/** Reads a log as it comes and remembers the first plain line of what failed: that of the last command. */
export class FailureFinder {
  #rest = ""
  #raw = ""
  #command: string | null = null
  #test: string | null = null
  #error: string | null = null
  #hint: string | null = null
  #last: string | null = null

  add(text: string): void {
    const lines = (this.#rest + text).split("\n")
    const rest = lines.pop() ?? ""
    for (const line of lines) this.#line(line)
    this.#rest = rest.slice(-lineChars)
  }

  restart(): void {
    this.#command = null
    this.#test = this.#error = this.#hint = this.#last = null
  }

  get found(): string | null {
    this.#line(this.#rest)
    const said = this.#test ?? this.#error ?? this.#hint ?? this.#last
    if (said !== null) return said.slice(0, sentenceChars)
    return this.#command === null ? null : `\`${this.#command.slice(0, sentenceChars)}\` did not succeed`
  }

  #line(raw: string): void {
    // A flood of the same line costs nothing.
    if (raw === this.#raw) return
    this.#raw = raw
    if (raw.startsWith(echoPrefix)) {
      this.restart()
      this.#command = plainLine(raw.slice(echoPrefix.length))
      return
    }
    const line = plainLine(raw)
    if (line === "") return
    this.#last = line
    if (summaryLine.test(line)) return
    if (this.#test === null && testLine.test(line)) this.#test = line.replace(/\s*\[\d[\d.]*\s*m?s\]$/, "")
    if (this.#error === null && errorLines.some((pattern) => pattern.test(line))) this.#error = line
    if (this.#hint === null && hintLine.test(line)) this.#hint = line
  }
}

/** Without colours, and of a line that was drawn over only the last state. */
const plainLine = (line: string): string =>
  (line.slice(0, lineChars).replaceAll(ansi, "").trimEnd().split("\r").at(-1) ?? "").trim()
