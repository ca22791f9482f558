import { strings } from "./strings.ts"

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
]
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" })

/** "2 hours ago", "yesterday"; under a minute "just now". */
export function relativeTime(at: string, now = Date.now()): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000)
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit)
  }
  return strings.common.justNow
}

/** "under 1 s", "8 s", "2 min 5 s": how long something took or has been going on. */
export function duration(from: string, to: string | null, now = Date.now()): string {
  const seconds = Math.max(
    0,
    Math.round(((to === null ? now : new Date(to).getTime()) - new Date(from).getTime()) / 1000),
  )
  if (seconds === 0) return "under 1 s"
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
