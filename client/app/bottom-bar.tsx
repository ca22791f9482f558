import { Link, useNavigate } from "@tanstack/react-router"
import { AppWindow, CircleCheck, Code, Ellipsis, History, House, MessageCircle, Settings } from "lucide-react"
import type { LucideIcon } from "lucide-react"
import { cx } from "../lib/cx.ts"
import type { Tab } from "../lib/project-search.ts"
import { strings } from "../lib/strings.ts"
import { Menu, MenuItem, MenuLine } from "../ui/menu.tsx"

const t = strings.project.tabs
const entries: readonly [Tab, LucideIcon][] = [
  ["chat", MessageCircle],
  ["preview", AppWindow],
  ["checks", CircleCheck],
]
const entryClass = (on: boolean): string =>
  cx(
    "grid h-[60px] w-full place-content-center justify-items-center gap-0.5 text-xs",
    on ? "font-semibold text-accent" : "text-muted",
  )

/** The parts of a project under the thumb. */
export function BottomBar({ tab }: { tab: Tab }) {
  const navigate = useNavigate()
  const go = (name: Tab) => void navigate({ from: "/projects/$projectId", to: ".", search: { tab: name } })
  const icon = "icon"
  return (
    <nav
      aria-label={strings.project.parts}
      className="grid grid-cols-4 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)]"
    >
      {entries.map(([name, Icon]) => (
        <Link
          key={name}
          from="/projects/$projectId"
          to="."
          search={{ tab: name }}
          aria-current={name === tab ? "page" : undefined}
          className={entryClass(name === tab)}
        >
          <Icon className="size-5" strokeWidth={1.75} aria-hidden />
          {t[name]}
        </Link>
      ))}
      <Menu
        trigger={
          <button type="button" className={entryClass(tab === "code" || tab === "versions")}>
            <Ellipsis className="size-5" strokeWidth={1.75} aria-hidden />
            {t.more}
          </button>
        }
      >
        <MenuItem icon={<Code className={icon} aria-hidden />} onSelect={() => go("code")}>
          {t.code}
        </MenuItem>
        <MenuItem icon={<History className={icon} aria-hidden />} onSelect={() => go("versions")}>
          {t.versions}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<House className={icon} aria-hidden />} onSelect={() => void navigate({ to: "/" })}>
          {strings.home}
        </MenuItem>
        <MenuItem icon={<Settings className={icon} aria-hidden />} onSelect={() => void navigate({ to: "/settings" })}>
          {strings.account.settings}
        </MenuItem>
      </Menu>
    </nav>
  )
}
