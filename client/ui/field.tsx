import { type ComponentProps, type ReactNode, useId } from "react"
import { cx } from "../lib/cx.ts"

export const inputClass =
  "h-10 w-full min-w-0 rounded-md border border-line-strong bg-surface px-3 text-base text-text placeholder:text-faint aria-invalid:border-bad phone:h-11"

interface FieldProps extends ComponentProps<"input"> {
  label: string
  hint?: string
  error?: string | null
  /** Sits inside the field at its end, e.g. a button that shows a password. */
  trailing?: ReactNode
}

/** A labelled input; the rule is said before, the mistake after, both are tied to the field. */
export function Field({ label, hint, error, trailing, className, ...rest }: FieldProps) {
  const id = useId()
  return (
    <div className={cx("grid gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          {...rest}
          aria-invalid={error ? true : undefined}
          aria-describedby={hint || error ? `${id}-hint` : undefined}
          className={cx(inputClass, trailing !== undefined && "pe-11")}
        />
        {trailing === undefined ? null : (
          <div className="absolute inset-y-0 end-1 grid place-items-center">{trailing}</div>
        )}
      </div>
      <p id={`${id}-hint`} className={cx("text-sm", error ? "text-bad" : "text-muted", !error && !hint && "hidden")}>
        {error ?? hint}
      </p>
    </div>
  )
}
