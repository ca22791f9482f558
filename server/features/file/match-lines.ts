import type { FileMatch } from "../../../shared/file.ts"
import { textOf } from "./text-of.ts"

export const mostMatches = 200
const longestLine = 300

/** Adds the lines of a file that hold the words, in any case, until there are enough. */
export function matchLines(matches: FileMatch[], path: string, bytes: Uint8Array, query: string): void {
  const text = textOf(bytes)
  if (text === null) return
  const wanted = query.toLowerCase()
  if (!text.toLowerCase().includes(wanted)) return
  for (const [at, line] of text.split("\n").entries()) {
    if (matches.length >= mostMatches) return
    const found = line.toLowerCase().indexOf(wanted)
    if (found < 0) continue
    const from = line.length > longestLine ? Math.max(0, found - 80) : 0
    matches.push({
      path,
      line: at + 1,
      text: line
        .slice(from, from + longestLine)
        .trimEnd()
        .toWellFormed(),
    })
  }
}
