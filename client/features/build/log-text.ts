import type { LogTail } from "../../../shared/reduce.ts"

interface LogPage {
  text: string
  next: number
  complete: boolean
}

/** A whole log; the server hands a long one out in pieces. Of a job that still runs it ends where the log ends now. */
export async function readLog(page: (from: number) => Promise<LogPage>): Promise<LogTail> {
  let text = ""
  for (let from = 0; ;) {
    const piece = await page(from)
    text += piece.text
    if (piece.complete || piece.text === "") return { from: 0, text }
    from = piece.next
  }
}

/** A log that was read once, continued by what the stream brought since; null when there is a hole between them. */
export function joinLog(read: LogTail, tail: LogTail | undefined): LogTail | null {
  if (tail === undefined) return read
  const end = read.from + read.text.length
  if (tail.from > end) return null
  const fresh = tail.text.slice(Math.max(0, end - tail.from))
  return fresh === "" ? read : { from: read.from, text: read.text + fresh }
}

// oxlint-disable-next-line no-control-regex -- terminal colours are control characters
const terminal = /\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-_]/g

/** The lines of a log as a terminal would leave them: without colours, each line after its last carriage return. */
export function logLines(text: string): string[] {
  const lines = text.replace(terminal, "").replaceAll("\r\n", "\n").split("\n")
  if (lines.at(-1) === "") lines.pop()
  return lines.map((line) => line.slice(line.lastIndexOf("\r") + 1))
}

const problem =
  /\b(\w*error|failed|failure|fatal|exception|panic|not ok|cannot find|no such file)\b|^\s*(✗|✘|×|FAIL\b|\(fail\))/i

const verdict = /^\s*(\((pass|fail)\)|[✓✗✘×])/
const cause = /\berror\b/i
const farthestCause = 60

/** The line at which a failed log opens: the build's own first plain line when it is there, else the first that sounds like a problem. */
export function firstErrorLine(lines: readonly string[], error: string | null): number {
  const wanted = error?.trim() ?? ""
  const exact = wanted === "" ? -1 : lines.findIndex((line) => line.includes(wanted))
  const found =
    exact >= 0 ? exact : lines.findIndex((line) => problem.test(line) && !/\b0 (errors?|failed|fail)\b/i.test(line))
  return causeOf(lines, found)
}

/** Test runners say why before they say which test it was. */
function causeOf(lines: readonly string[], at: number): number {
  if (!verdict.test(lines[at] ?? "")) return at
  for (let index = at - 1; index >= Math.max(0, at - farthestCause); index--) {
    const line = lines[index] ?? ""
    if (verdict.test(line)) return at
    if (cause.test(line)) return index
  }
  return at
}

/** What failed, without the mark that a test runner puts before it. */
export const plainLine = (line: string): string => line.replace(verdict, "").trim() || line

/** The part of a log that goes to the AI: from a little before the first error, at most `chars` characters. */
export function errorExcerpt(lines: readonly string[], at: number, chars = 4000): string {
  const from = at < 0 ? Math.max(0, lines.length - 60) : Math.max(0, at - 12)
  return lines
    .slice(from, from + 80)
    .join("\n")
    .slice(0, chars)
}
