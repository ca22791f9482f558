const seconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, mo: 2_592_000, y: 31_557_600 }

const names: Record<keyof typeof seconds, string> = {
  s: "s sec secs second seconds",
  m: "m min mins minute minutes",
  h: "h hr hrs hour hours",
  d: "d day days",
  w: "w wk wks week weeks",
  mo: "mo mos mon mons month months",
  y: "y yr yrs year years",
}

const units = new Map(Object.entries(names).flatMap(([unit, words]) => words.split(" ").map((word) => [word, unit])))

/** Milliseconds of GitLab's durations ("1h 30m", "3 mins 4 sec", "2 weeks and 1 day", "90"); null when it is none. */
export function durationMs(text: string): number | null {
  const words = text
    .toLowerCase()
    .replaceAll(/,|\band\b/g, " ")
    .trim()
  const part = /(\d+(?:\.\d+)?)\s*([a-z]*)\s*/g
  if (words === "" || words.replaceAll(part, "") !== "") return null
  let total = 0
  for (const [, amount, unit] of words.matchAll(part)) {
    const known = unit === "" ? "s" : units.get(unit ?? "")
    if (known === undefined) return null
    total += Number(amount) * (seconds[known] ?? 0)
  }
  return Number.isFinite(total) && total > 0 ? Math.round(total * 1000) : null
}

/** "10 minutes", "1 hour", "90 seconds": for people. */
export function durationWords(ms: number): string {
  const [amount, unit] =
    ms % 3_600_000 === 0
      ? [ms / 3_600_000, "hour"]
      : ms % 60_000 === 0
        ? [ms / 60_000, "minute"]
        : [ms / 1000, "second"]
  return `${amount} ${unit}${amount === 1 ? "" : "s"}`
}
