import { cx } from "../lib/cx.ts"

/** Stands where something will be in less than a second. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("animate-shimmer rounded-md bg-line", className)} />
}
