export interface PatchLine {
  kind: "same" | "added" | "removed" | "hunk"
  text: string
  /** Line number in the file before; null for added lines. */
  before: number | null
  after: number | null
}

const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/

/** The lines of a unified diff of one file; what comes before its first hunk is git's own and left out. */
export function parsePatch(patch: string): PatchLine[] {
  const lines: PatchLine[] = []
  let before = 0
  let after = 0
  let inside = false
  for (const raw of patch.split("\n")) {
    const head = hunk.exec(raw)
    if (head !== null) {
      inside = true
      before = Number(head[1])
      after = Number(head[2])
      lines.push({ kind: "hunk", text: (head[3] ?? "").trim(), before: null, after: null })
    } else if (inside) {
      const text = raw.slice(1)
      if (raw.startsWith("+")) lines.push({ kind: "added", text, before: null, after: after++ })
      else if (raw.startsWith("-")) lines.push({ kind: "removed", text, before: before++, after: null })
      else if (raw.startsWith(" ")) lines.push({ kind: "same", text, before: before++, after: after++ })
      // "\ No newline at end of file" and the empty end of the text say nothing to a reader.
    }
  }
  return lines
}
