import { Dialog } from "@base-ui/react/dialog"
import { useNavigate } from "@tanstack/react-router"
import { type KeyboardEvent, useId, useState } from "react"
import { cx } from "../lib/cx.ts"
import { strings } from "../lib/strings.ts"
import { chooseTheme } from "../lib/theme.ts"
import { trpc } from "../lib/trpc.ts"

interface Entry {
  id: string
  label: string
  run: () => void
}

/** Everything reachable by typing its name: projects first, then places and appearance. */
export function Palette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const id = useId()
  const [query, setQuery] = useState("")
  const [active, setActive] = useState(0)
  const projects = trpc.project.list.useQuery(
    { limit: 8, query: query.trim() || undefined },
    { placeholderData: (old) => old },
  )

  const t = strings.keys
  const places: Entry[] = [
    { id: "home", label: t.goHome, run: () => void navigate({ to: "/" }) },
    { id: "settings", label: t.goSettings, run: () => void navigate({ to: "/settings" }) },
    { id: "light", label: t.themeLight, run: () => chooseTheme("light") },
    { id: "dark", label: t.themeDark, run: () => chooseTheme("dark") },
    { id: "system", label: t.themeSystem, run: () => chooseTheme("system") },
  ]
  const entries: Entry[] = [
    ...(projects.data?.projects ?? []).map((project) => ({
      id: project.id,
      label: project.title || strings.project.untitled,
      run: () => void navigate({ to: "/projects/$projectId", params: { projectId: project.id } }),
    })),
    ...places.filter((entry) => entry.label.toLowerCase().includes(query.trim().toLowerCase())),
  ]
  const at = Math.min(active, entries.length - 1)

  const choose = (entry: Entry | undefined) => {
    if (entry === undefined) return
    onClose()
    entry.run()
  }
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      setActive((at + step + entries.length) % Math.max(1, entries.length))
    } else if (event.key === "Enter") {
      event.preventDefault()
      choose(entries[at])
    }
  }

  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-veil" />
        <Dialog.Popup className="fixed inset-x-3 top-[12dvh] z-50 mx-auto max-w-[520px] overflow-hidden rounded-xl border border-line bg-surface shadow-float">
          <Dialog.Title className="sr-only">{t.palette}</Dialog.Title>
          <input
            role="combobox"
            aria-expanded
            aria-controls={id}
            aria-activedescendant={entries[at] === undefined ? undefined : `${id}-${entries[at].id}`}
            aria-label={t.paletteHint}
            placeholder={t.paletteHint}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value)
              setActive(0)
            }}
            onKeyDown={press}
            className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-faint"
          />
          <div id={id} role="listbox" aria-label={t.palette} className="thin-scroll max-h-[50dvh] overflow-auto p-1.5">
            {entries.map((entry, index) => (
              <div
                key={entry.id}
                id={`${id}-${entry.id}`}
                role="option"
                aria-selected={index === at}
                tabIndex={-1}
                ref={(node) => {
                  if (index === at) node?.scrollIntoView({ block: "nearest" })
                }}
                onMouseMove={() => setActive(index)}
                onClick={() => choose(entry)}
                onKeyDown={press}
                className={cx(
                  "flex min-h-10 cursor-default items-center truncate rounded-md px-3 phone:min-h-11",
                  index === at && "bg-hover",
                )}
              >
                <span className="truncate">{entry.label}</span>
              </div>
            ))}
          </div>
          {entries.length === 0 && projects.isSuccess ? <p className="px-4 pb-4 text-muted">{t.nothing}</p> : null}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
