import { type ReactNode, useId } from "react"

/** One card of the settings. */
export function Section({
  id,
  title,
  text,
  children,
}: {
  id?: string
  title: string
  text?: string
  children: ReactNode
}) {
  const heading = useId()
  return (
    <section
      id={id}
      aria-labelledby={heading}
      className="grid scroll-mt-4 gap-4 rounded-xl border border-line bg-surface p-5 phone:p-4"
    >
      <div className="grid gap-0.5">
        <h2 id={heading} className="font-semibold">
          {title}
        </h2>
        {text === undefined ? null : <p className="text-muted">{text}</p>}
      </div>
      {children}
    </section>
  )
}
