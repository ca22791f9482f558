import { Menu as Base } from "@base-ui/react/menu"
import type { ReactElement, ReactNode } from "react"
import { cx } from "../lib/cx.ts"
import { strings } from "../lib/strings.ts"

const itemClass = (danger: boolean): string =>
  cx(
    "flex min-h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 text-[14px] outline-none select-none data-[highlighted]:bg-hover phone:min-h-11",
    danger ? "text-bad" : "text-text",
  )

/** A list of actions that opens from its trigger. */
export function Menu({
  trigger,
  children,
  align = "end",
}: {
  trigger: ReactElement
  children: ReactNode
  align?: "start" | "end"
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={6} className="z-50">
          <Base.Popup className="max-h-[70dvh] min-w-52 overflow-auto rounded-lg border border-line bg-surface p-1 shadow-float outline-none transition-opacity duration-100 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

interface ItemProps {
  icon?: ReactNode
  danger?: boolean
  disabled?: boolean
  onSelect: () => void
  children: ReactNode
}

export function MenuItem({ icon, danger = false, disabled = false, onSelect, children }: ItemProps) {
  return (
    <Base.Item disabled={disabled} onClick={onSelect} className={cx(itemClass(danger), disabled && "opacity-50")}>
      {icon}
      {children}
    </Base.Item>
  )
}

/** An entry that goes to an address, so that it can be opened in a new tab too. */
export function MenuLink({
  icon,
  href,
  download,
  elsewhere = false,
  children,
}: {
  icon?: ReactNode
  href: string
  download?: boolean
  /** Another site: it opens in a new tab. */
  elsewhere?: boolean
  children: ReactNode
}) {
  return (
    <Base.LinkItem
      href={href}
      download={download}
      closeOnClick
      className={itemClass(false)}
      {...(elsewhere ? { target: "_blank", rel: "noopener noreferrer" } : {})}
    >
      {icon}
      {children}
      {elsewhere ? <span className="sr-only">{strings.common.newTab}</span> : null}
    </Base.LinkItem>
  )
}

export const MenuLine = () => <Base.Separator className="mx-1 my-1 h-px bg-line" />
