import { cx } from "../lib/cx.ts"

export type Tone = "good" | "warn" | "bad" | "sleep"

const tones: Record<Tone, string> = { good: "bg-good", warn: "bg-warn", bad: "bg-bad", sleep: "bg-line-strong" }

/** A coloured dot beside words that say the same. */
export function StatusDot({ tone, busy = false }: { tone: Tone; busy?: boolean }) {
  return (
    <span
      aria-hidden
      className={cx("inline-block size-2 shrink-0 rounded-full", tones[tone], busy && "animate-pulse-soft")}
    />
  )
}
