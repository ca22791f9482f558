import type { ComponentProps } from "react"
import { cx } from "../lib/cx.ts"

/** A short suggestion to press. */
export function Chip({ className, ...rest }: ComponentProps<"button">) {
  return (
    <button
      type="button"
      {...rest}
      className={cx(
        "inline-flex min-h-8 items-center gap-1.5 rounded-full border border-line bg-surface px-3 py-1 text-start text-sm transition-colors duration-150 hover:border-line-strong hover:bg-hover disabled:opacity-50 phone:min-h-11 phone:px-4",
        className,
      )}
    />
  )
}
