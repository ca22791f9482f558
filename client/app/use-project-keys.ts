import { useNavigate } from "@tanstack/react-router"
import { useEffect } from "react"
import { focusComposer } from "../features/chat/composer-focus.ts"
import { isTyping } from "../ui/typing.ts"

const byKey = { 1: "preview", 2: "code", 3: "checks", 4: "versions" } as const

/** Keys of the project screen: `/` writes, 1 to 4 choose what is shown. */
export function useProjectKeys(): void {
  const navigate = useNavigate({ from: "/projects/$projectId" })
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector("[role=dialog],[role=menu]") !== null) return
      if (event.key === "/") {
        event.preventDefault()
        focusComposer()
        return
      }
      const tab = byKey[event.key as unknown as keyof typeof byKey]
      if (tab !== undefined) void navigate({ to: ".", search: { tab } })
    }
    addEventListener("keydown", press)
    return () => removeEventListener("keydown", press)
  }, [navigate])
}
