import type { ComponentProps, ReactNode } from "react"
import { cx } from "../lib/cx.ts"
import { Tooltip } from "./tooltip.tsx"

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  label: string
  children: ReactNode
  pressed?: boolean
}

/** The classes of an icon alone in a square, at least 44 px on a phone. */
export const iconButtonClass =
  "grid size-8 shrink-0 place-items-center rounded-md text-muted transition-colors duration-150 hover:bg-hover hover:text-text disabled:opacity-40 disabled:hover:bg-transparent phone:size-11"

/** An icon that acts; its label is read aloud and shown on hover. */
export function IconButton({ label, children, pressed, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip label={label}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-pressed={pressed}
        className={cx(iconButtonClass, pressed === true && "bg-hover text-text", className)}
      >
        {children}
      </button>
    </Tooltip>
  )
}
