import { useNavigate } from "@tanstack/react-router"
import { LogOut, Settings } from "lucide-react"
import { forgetProjects } from "../../lib/project-stream.tsx"
import { queryClient } from "../../lib/query-client.ts"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx"
import { notify } from "../../ui/notice.tsx"
import { AuthError, signOut } from "./auth-client.ts"

const initials = (name: string): string =>
  name
    .split(/[\s._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => Array.from(word)[0] ?? "")
    .join("")
    .toUpperCase()

/** The round button with the person's initials. */
export function AccountMenu() {
  const navigate = useNavigate()
  const account = trpc.account.get.useQuery()
  const name = account.data?.name ?? ""
  const leave = async () => {
    try {
      await signOut()
      forgetProjects()
      queryClient.clear()
      await navigate({ to: "/sign-in" })
    } catch (error) {
      notify(error instanceof AuthError ? error.message : strings.account.failed, "bad")
    }
  }
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`${initials(name)} ${strings.account.menu}`}
          className="grid size-8 place-items-center rounded-full border border-line bg-sunken text-sm font-semibold hover:border-line-strong phone:size-11"
        >
          {initials(name) || "·"}
        </button>
      }
    >
      <div className="max-w-64 px-2.5 pt-1.5 pb-2">
        <p className="truncate font-semibold">{name}</p>
        <p className="truncate text-sm text-muted">{account.data?.email}</p>
      </div>
      <MenuLine />
      <MenuItem icon={<Settings className="icon" aria-hidden />} onSelect={() => void navigate({ to: "/settings" })}>
        {strings.account.settings}
      </MenuItem>
      <MenuItem icon={<LogOut className="icon" aria-hidden />} onSelect={() => void leave()}>
        {strings.account.signOut}
      </MenuItem>
    </Menu>
  )
}
