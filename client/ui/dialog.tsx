import { Dialog as Base } from "@base-ui/react/dialog"
import { X } from "lucide-react"
import type { ReactNode } from "react"
import { strings } from "../lib/strings.ts"
import { cx } from "../lib/cx.ts"
import { iconButtonClass } from "./icon-button.tsx"

interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: ReactNode
  children?: ReactNode
  /** The row of buttons. */
  actions?: ReactNode
  wide?: boolean
}

/** A question or a task above the page; focus stays inside and goes back where it was. */
export function Dialog({ open, onOpenChange, title, description, children, actions, wide = false }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-veil transition-opacity duration-150 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0" />
        <Base.Popup
          className={cx(
            "fixed z-50 grid max-h-[85dvh] gap-4 overflow-auto border border-line bg-surface p-5 shadow-float transition-[opacity,transform] duration-150",
            "data-[ending-style]:opacity-0 data-[starting-style]:opacity-0 wide:data-[starting-style]:scale-[0.98]",
            "phone:inset-x-0 phone:bottom-0 phone:rounded-t-xl phone:pb-[max(20px,env(safe-area-inset-bottom))] phone:data-[starting-style]:translate-y-4",
            "wide:top-1/2 wide:left-1/2 wide:-translate-x-1/2 wide:-translate-y-1/2 wide:rounded-xl",
            wide ? "wide:w-[560px]" : "wide:w-[440px]",
          )}
        >
          <div className="flex items-start gap-3">
            <div className="grid min-w-0 flex-1 gap-1">
              <Base.Title className="line-clamp-3 text-lg font-semibold tracking-tight wrap-anywhere">
                {title}
              </Base.Title>
              {description === undefined ? null : (
                <Base.Description className="text-muted">{description}</Base.Description>
              )}
            </div>
            <Base.Close aria-label={strings.common.close} className={cx(iconButtonClass, "-me-1.5 -mt-1")}>
              <X className="icon" aria-hidden />
            </Base.Close>
          </div>
          {children}
          {actions === undefined ? null : <div className="flex flex-wrap justify-end gap-2 pt-1">{actions}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
