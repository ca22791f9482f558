import type { ReactNode } from "react"

/** One sentence that teaches and one button. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode
  title?: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="m-auto grid max-w-96 justify-items-center gap-3 p-6 text-center">
      {icon === undefined ? null : (
        <div
          aria-hidden
          className="grid size-12 place-items-center rounded-xl border border-line bg-surface text-muted [&_svg]:size-5"
        >
          {icon}
        </div>
      )}
      {title === undefined ? null : <p className="text-lg font-semibold tracking-tight">{title}</p>}
      {children === undefined ? null : <div className="text-balance text-muted">{children}</div>}
      {action === undefined ? null : <div className="mt-1 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}
