/** The text after a replacement, or why it could not be made, for a model to read. */
export type Replaced = { text: string } | { problem: string }

interface Form {
  how: string
  of: (line: string) => string
}

const looser: readonly Form[] = [
  { how: "white space apart", of: (line) => line.trim().replace(/\s+/g, " ") },
  { how: "look-alike characters apart", of: (line) => plain(line).trim().replace(/\s+/g, " ") },
]

/** Quotes, dashes and spaces that models swap for look-alikes. */
const plain = (line: string): string =>
  line
    .normalize("NFKC")
    .replace(/[\u2018\u2019\u201A\u201B\u2032]/g, "'")
    .replace(/[\u201C\u201D\u201E\u201F\u2033]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/[\u200B-\u200D\u2060\uFEFF]/g, "")

/**
 * Replaces the one place where `search` stands: exactly, else by lines without regard to white space, else also to
 * look-alike characters. More than one place, or none, changes nothing.
 */
export function replaceOnce(file: string, search: string, replace: string): Replaced {
  const crlf = file.includes("\r\n")
  const text = unix(file)
  const result = replaceIn(text, unix(search), unix(replace))
  return "text" in result && crlf ? { text: result.text.replaceAll("\n", "\r\n") } : result
}

const unix = (text: string): string => text.replaceAll("\r\n", "\n")

function replaceIn(text: string, search: string, replace: string): Replaced {
  if (search.trim() === "") return { problem: "search is empty; give the lines that are to be replaced" }
  const exact = offsets(text, search)
  if (exact.length === 1 && exact[0] !== undefined) {
    return { text: text.slice(0, exact[0]) + replace + text.slice(exact[0] + search.length) }
  }
  if (exact.length > 1) return manyPlaces(exact.map((offset) => lineAt(text, offset)))
  const lines = text.split("\n")
  const wanted = trimBlank(search.split("\n"))
  for (const form of looser) {
    const places = windows(lines, wanted, form)
    if (places.length > 1) return manyPlaces(places.map((place) => place + 1))
    const [place] = places
    if (place === undefined) continue
    const found = lines.slice(place, place + wanted.length)
    const next = indentLike(found, wanted, replacementLines(search, replace))
    return { text: lines.toSpliced(place, wanted.length, ...next).join("\n") }
  }
  return { problem: miss(lines, wanted, replace) }
}

function offsets(text: string, search: string): number[] {
  const found: number[] = []
  for (let at = text.indexOf(search); at !== -1 && found.length < 20; at = text.indexOf(search, at + 1)) found.push(at)
  return found
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length

const manyPlaces = (lines: number[]): Replaced => ({
  problem: `search stands in ${lines.length} places (lines ${lines.slice(0, 10).join(", ")}); add lines around it until it is the only one`,
})

function trimBlank(lines: string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== "")
  const last = lines.findLastIndex((line) => line.trim() !== "")
  return lines.slice(first, last + 1)
}

function windows(lines: string[], wanted: string[], { of }: Form): number[] {
  const forms = lines.map(of)
  const target = wanted.map(of)
  const places: number[] = []
  for (let at = 0; at + target.length <= forms.length; at++) {
    if (target.every((line, index) => forms[at + index] === line)) places.push(at)
  }
  return places
}

/** `search` was matched by whole lines, so line ends at its edges are not part of what is replaced. */
function replacementLines(search: string, replace: string): string[] {
  if (replace === "") return []
  const lines = replace.split("\n")
  if (search.endsWith("\n") && lines.at(-1) === "") lines.pop()
  if (search.startsWith("\n") && lines[0] === "") lines.shift()
  return lines
}

/** Models often give a block with another indentation than the file has: what comes in gets the file's. */
function indentLike(found: string[], wanted: string[], lines: string[]): string[] {
  const theirs = indentOf(wanted[0] ?? "")
  const ours = indentOf(found[0] ?? "")
  if (theirs === ours) return lines
  return lines.map((line) => (line.trim() !== "" && line.startsWith(theirs) ? ours + line.slice(theirs.length) : line))
}

const indentOf = (line: string): string => line.match(/^[ \t]*/)?.[0] ?? ""

/** The real lines that come nearest, with their numbers, so that the next try can be exact. */
function miss(lines: string[], wanted: string[], replace: string): string {
  const there = replace.trim() !== "" && offsets(lines.join("\n"), replace.trim()).length > 0
  const hint = there ? " The new text is in the file already; perhaps this edit was made before." : ""
  const near = nearest(lines, wanted)
  if (near === null) return `search is not in the file.${hint} Read the file with read_files before the next try.`
  const from = Math.max(0, near - 2)
  const to = Math.min(lines.length, near + Math.min(wanted.length, 20) + 2)
  const shown = lines.slice(from, to).map((line, index) => `${from + index + 1}| ${line.slice(0, 300)}`)
  return `search is not in the file.${hint} The nearest lines are:\n${shown.join("\n")}`
}

function nearest(lines: string[], wanted: string[]): number | null {
  const target = wanted.slice(0, 12).map(pairs)
  const known = lines.slice(0, 10_000).map(pairs)
  let best = { at: -1, score: 0 }
  for (let at = 0; at < known.length; at++) {
    let score = 0
    for (const [index, one] of target.entries()) score += likeness(one, known[at + index])
    if (score > best.score) best = { at, score }
  }
  return best.score / target.length > 0.35 ? best.at : null
}

function pairs(line: string): Set<string> {
  const text = plain(line).trim().slice(0, 200)
  const found = new Set<string>()
  for (let at = 0; at + 1 < text.length; at++) found.add(text.slice(at, at + 2))
  return found
}

function likeness(a: Set<string>, b: Set<string> | undefined): number {
  if (b === undefined || a.size + b.size === 0) return 0
  return (2 * a.intersection(b).size) / (a.size + b.size)
}
