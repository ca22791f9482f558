/** Above this many edits a count by content is near enough. */
const mostEdits = 2_000

export interface LineChanges {
  added: number
  removed: number
}

/** Lines of a text as git counts them: with their ends, so that a last line without one differs; an empty text has none. */
export const linesOf = (text: string): string[] => (text === "" ? [] : text.split(/(?<=\n)/))

/** How many lines a change adds and removes: the shortest edit (Myers), or by content when the texts have little in common. */
export function lineChanges(before: string, after: string): LineChanges {
  let a = linesOf(before)
  let b = linesOf(after)
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  a = a.slice(start, a.length - end)
  b = b.slice(start, b.length - end)
  const edits = a.length === 0 || b.length === 0 ? a.length + b.length : shortestEdit(a, b)
  if (edits === null) return byContent(a, b)
  const added = (edits + b.length - a.length) / 2
  return { added, removed: edits - added }
}

function shortestEdit(a: string[], b: string[]): number | null {
  const most = Math.min(a.length + b.length, mostEdits)
  const reached = new Int32Array(2 * most + 2)
  for (let edits = 0; edits <= most; edits++) {
    for (let k = -edits; k <= edits; k += 2) {
      const left = reached[most + k - 1] ?? 0
      const right = reached[most + k + 1] ?? 0
      let x = k === -edits || (k !== edits && left < right) ? right : left + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      reached[most + k] = x
      if (x >= a.length && x - k >= b.length) return edits
    }
  }
  return null
}

function byContent(a: string[], b: string[]): LineChanges {
  const left = new Map<string, number>()
  for (const line of a) left.set(line, (left.get(line) ?? 0) + 1)
  let kept = 0
  for (const line of b) {
    const count = left.get(line) ?? 0
    if (count === 0) continue
    left.set(line, count - 1)
    kept++
  }
  return { added: b.length - kept, removed: a.length - kept }
}
