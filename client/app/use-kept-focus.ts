import { type RefObject, useEffect, useRef } from "react"

/**
 * Takes the focus when another part of the project is shown and the link that led there is gone with what it was in:
 * else the keyboard and screen readers would start over at the top of the page.
 */
export function useKeptFocus(part: RefObject<HTMLElement | null>, tab: string): void {
  const last = useRef(tab)
  useEffect(() => {
    if (last.current === tab) return
    last.current = tab
    const focused = document.activeElement
    // While the next part is fetched the last one is still there, but not shown.
    const lost = focused === null || focused === document.body || focused.getClientRects().length === 0
    if (lost) part.current?.focus({ preventScroll: true })
  }, [part, tab])
}
