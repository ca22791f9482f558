import { lazy, Suspense, useEffect, useState } from "react"
import { isTyping } from "../ui/typing.ts"

const Palette = lazy(async () => ({ default: (await import("./palette.tsx")).Palette }))
const Shortcuts = lazy(async () => ({ default: (await import("./shortcuts.tsx")).Shortcuts }))

/** Keys that work on every page: the palette, and the list of all keys. */
export function Keyboard() {
  const [open, setOpen] = useState<"palette" | "shortcuts" | null>(null)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.isComposing) return
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault()
        setOpen((now) => (now === "palette" ? null : "palette"))
      } else if (event.key === "?" && !isTyping(event.target)) {
        event.preventDefault()
        setOpen("shortcuts")
      }
    }
    addEventListener("keydown", press)
    return () => removeEventListener("keydown", press)
  }, [])
  const close = () => setOpen(null)
  return (
    <Suspense>
      {open === "palette" ? <Palette onClose={close} /> : null}
      {open === "shortcuts" ? <Shortcuts onClose={close} /> : null}
    </Suspense>
  )
}
