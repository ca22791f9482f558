import { useLocation, useSearch } from "@tanstack/react-router"
import { type RefObject, useEffect, useRef, useState } from "react"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { onGoToMessage } from "./go-to-message.ts"

/** Brings the message into view whose run the address names, also one that is not loaded yet; once for each visit. */
export function useWantedRun(view: RefObject<HTMLElement | null>, letGo: () => void): void {
  const { stream } = useOpenProject()
  const { run } = useSearch({ from: "/projects/$projectId" })
  const key = useLocation({ select: ({ state, href }) => state.__TSR_key ?? href })
  const [again, setAgain] = useState(0)
  // The same link pressed again is another visit.
  const visit = `${key} ${again}`
  const messages = useStream((state) => state.messages)
  const cursor = useStream((state) => state.olderCursor)
  const shown = useRef<string | null>(null)
  const asked = useRef<string | null>(null)
  useEffect(() => onGoToMessage((asked) => asked === run && setAgain((times) => times + 1)), [run])
  useEffect(() => {
    if (run === undefined || shown.current === visit) return
    const message = view.current?.querySelector<HTMLElement>(`[data-run="${CSS.escape(run)}"]`)
    if (message !== null && message !== undefined) {
      shown.current = visit
      letGo()
      message.scrollIntoView({ block: "start" })
      message.focus({ preventScroll: true })
    } else if (cursor !== null && cursor !== asked.current) {
      asked.current = cursor
      void stream.loadOlder()
    }
  }, [run, visit, messages, cursor, stream, letGo, view])
}
