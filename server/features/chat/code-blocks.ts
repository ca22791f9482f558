import { Lexer, type Token } from "marked"
import type { CodeBlock } from "../../../shared/message.ts"

/**
 * Every fenced block of a Markdown text, also in lists and quotes, with `~~~` and unclosed, in order.
 * `startIndex` is the first character of the opening fence, `endIndex` is after the last character of the block's last
 * line (without its line end); the lines are those of the same range.
 */
export function codeBlocks(content: string): CodeBlock[] {
  // A block needs a fence; most messages have none and need no parsing.
  if (!content.includes("```") && !content.includes("~~~")) return []
  const lines = linesOf(content)
  const found: Fence[] = []
  collect(new Lexer().lex(content), 0, found)
  return found.map(({ raw, text, info, line }) => {
    const opening = firstLine(raw).trim()
    const start = findOpening(lines, line, opening)
    const count = raw.replace(/\n$/, "").split("\n").length
    const first = lines[start] ?? { text: "", start: 0, end: 0 }
    const last = lines[Math.min(start + count, lines.length) - 1] ?? first
    return {
      language: info.match(/^\S+/)?.[0] ?? "",
      // The lexer keeps the last line end only behind an empty line.
      code: text.replace(/\n$/, ""),
      startLine: start + 1,
      endLine: Math.min(start + count, lines.length),
      startIndex: first.start + Math.max(0, first.text.lastIndexOf(opening)),
      endIndex: last.end,
    }
  })
}

interface Fence {
  raw: string
  text: string
  info: string
  /** From 0. */
  line: number
}

interface Line {
  text: string
  start: number
  /** Before the line end. */
  end: number
}

function linesOf(content: string): Line[] {
  const lines: Line[] = []
  let start = 0
  for (const match of content.matchAll(/\r\n|\r|\n|$/g)) {
    if (match.index < start) continue
    lines.push({ text: content.slice(start, match.index), start, end: match.index })
    start = match.index + match[0].length
    if (match[0] === "") break
  }
  return lines
}

/** Containers only strip the front of each line, so line n of what is inside is line n of the container. */
function collect(tokens: readonly Token[], from: number, found: Fence[]): void {
  let line = from
  for (const token of tokens) {
    if (token.type === "code" && token.codeBlockStyle !== "indented") {
      found.push({ raw: token.raw, text: String(token.text), info: String(token.lang ?? ""), line })
    }
    if (token.type === "list") collect(token.items, line, found)
    else if (token.type === "blockquote" || token.type === "list_item") collect(token.tokens ?? [], line, found)
    line += token.raw.split("\n").length - 1
  }
}

const firstLine = (raw: string): string => raw.split("\n", 1)[0] ?? ""

/** The lexer drops a blank line here and there (an item that starts with one), so look a little further down. */
function findOpening(lines: readonly Line[], guess: number, opening: string): number {
  for (let line = guess; line < lines.length; line++) {
    if (lines[line]?.text.trimEnd().endsWith(opening)) return line
  }
  return Math.min(guess, lines.length - 1)
}
