/** Words that stand where code should be. Each must fill its comment, so that a comment about the word is let through. */
const phrases = [
  /^(\.{3}|…).{0,60}\b(existing|rest|remaining|previous|unchanged|same|other|omitted|keep|continue|code|more)\b.{0,60}$/i,
  /^.{0,60}\b(existing|rest|remaining|previous|unchanged|other|omitted)\b.{0,60}(\.{3}|…)$/i,
  /^(the )?(rest|remainder|remaining) (of )?(the |this |your |that )?([\w.-]+ ){0,3}(stays?|remains?|is|are|goes|unchanged|here|as)\b.{0,40}$/i,
  /^(the )?(existing|previous|original|remaining) ([\w.-]+ ){0,3}(code|content|functions?|styles?|markup|logic|implementation|imports?|rules?)( (here|stays?|remains?|unchanged|goes here|as before|above|below)\b.{0,40})?$/i,
  /^(code|content|everything( else)?|all other [\w ]{1,30}|other [\w ]{1,30}) (stays?|remains?|is|are) (the same|unchanged|as (before|is|it was))\b.{0,20}$/i,
  /^(same|unchanged|identical) (as|to|from) (before|above|the previous|the original|previously)\b.{0,30}$/i,
  /^(keep|include|insert|paste|copy) (the |all |your )*(rest|existing|previous|remaining)( of [\w ]{1,30})?( (code|content|imports?|functions?|methods?|components?|styles?|rules?|markup|logic|file|lines?))?( (here|as is|as before|unchanged|the same))?$/i,
  /^[\w ]{0,30}\b(omitted|truncated|shortened|abbreviated) for (brevity|space|clarity|length)\b.{0,20}$/i,
]

/** Comment of a line in any usual language, without its marks; null when the line is something else. */
function commentOf(line: string): string | null {
  const match = line.match(/^\s*(?:\{?\/\*+|<!--|\/\/+|#+(?!!)|--|;+|%+|\*(?!\/))\s*(.*?)\s*(?:\*\/\}?|-->)?\s*$/)
  if (match?.[1] !== undefined) return match[1].replace(/^[([]+|[)\]]+$/g, "").trim()
  // A bare ellipsis line with words, as models write it in Markdown or templates.
  return /^\s*(\.{3}\s+[\w(]|…\s*[\w(])/.test(line) && !/[;,={(]\s*$/.test(line)
    ? line.trim().replace(/[()]/g, "")
    : null
}

/** The first line where a comment stands for code that was left out; lines that were there before do not count. */
export function placeholder(text: string, before: string | null): { line: number; text: string } | null {
  const known = new Set(before?.split("\n").map((line) => line.trim()))
  for (const [index, line] of text.split("\n").entries()) {
    if (line.length > 300 || known.has(line.trim())) continue
    const comment = commentOf(line)
    if (comment !== null && phrases.some((phrase) => phrase.test(comment)))
      return { line: index + 1, text: line.trim() }
  }
  return null
}

/** Of a file over 40 lines more than 60 % would be gone, and the new one is not a rewrite of similar size. */
export function massDeletion(before: string, after: string): { lines: number; removed: number } | null {
  const old = wordyLines(before)
  if (before.split("\n").length <= 40) return null
  const left = new Map<string, number>()
  const now = wordyLines(after)
  for (const line of now) left.set(line, (left.get(line) ?? 0) + 1)
  let removed = 0
  for (const line of old) {
    const count = left.get(line) ?? 0
    if (count === 0) removed++
    else left.set(line, count - 1)
  }
  const shrunk = now.length < old.length / 2
  return shrunk && removed > old.length * 0.6 ? { lines: old.length, removed } : null
}

const wordyLines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
