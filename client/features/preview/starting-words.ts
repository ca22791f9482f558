/** What is done now, and the last that was heard of it. */
export interface StartingWords {
  phase: string
  detail: string | null
}

/** "Installing what it needs… added 12 packages" is a phase and a detail; a long line without one is all detail. */
export function startingWords(reason: string | null, otherwise: string): StartingWords {
  const words = reason?.trim() ?? ""
  if (words === "") return { phase: otherwise, detail: null }
  const [, phase, detail] = /^([^…\n]{1,60}…)\s*([^]*)$/.exec(words) ?? []
  if (phase === undefined) return { phase: otherwise, detail: words }
  return { phase, detail: detail || null }
}
