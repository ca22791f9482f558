import type { ComponentProps, ReactNode } from "react"
import { cx } from "../lib/cx.ts"

type Look = "primary" | "plain" | "quiet" | "danger"

const looks: Record<Look, string> = {
  primary: "border-accent bg-accent text-on-accent hover:border-accent-strong hover:bg-accent-strong",
  plain: "border-line-strong bg-surface text-text hover:bg-hover",
  quiet: "border-transparent text-muted hover:bg-hover hover:text-text",
  danger: "border-bad bg-bad text-bg hover:opacity-90",
}

/** The classes of a button, for links that look like one. */
export const buttonClass = (look: Look = "plain", small = false): string =>
  cx(
    "inline-flex shrink-0 items-center justify-center gap-2 rounded-md border font-semibold whitespace-nowrap select-none transition-colors duration-150",
    "disabled:cursor-not-allowed disabled:opacity-50 phone:min-h-11",
    small ? "h-8 px-3 text-sm" : "h-9 px-3.5 text-[14px]",
    looks[look],
  )

interface ButtonProps extends ComponentProps<"button"> {
  look?: Look
  small?: boolean
  icon?: ReactNode
  busy?: boolean
}

/** A button; while busy it keeps its place and its words. */
export function Button({
  look = "plain",
  small = false,
  icon,
  busy = false,
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      disabled={rest.disabled === true || busy}
      className={cx(buttonClass(look, small), busy && "animate-pulse-soft", className)}
    >
      {icon}
      {children}
    </button>
  )
}
