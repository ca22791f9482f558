import { type RefObject, useCallback, useEffect, useRef, useState } from "react"

const near = 32

const isAtEnd = (node: HTMLElement): boolean => node.scrollHeight - node.scrollTop - node.clientHeight <= near

interface Follow {
  /** False once the person has scrolled up. */
  following: boolean
  toEnd: () => void
  /** Stays where the view is going to be put. */
  letGo: () => void
}

/** Keeps the end in view while new text arrives; scrolling up frees the view at once, being at the end binds it again. */
export function useFollowScroll(view: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>): Follow {
  const [following, setFollowing] = useState(true)
  const bound = useRef(true)
  const bind = useCallback((next: boolean) => {
    bound.current = next
    setFollowing(next)
  }, [])
  const toEnd = useCallback(() => {
    bind(true)
    view.current?.scrollTo({ top: view.current.scrollHeight })
  }, [bind, view])

  const letGo = useCallback(() => {
    bind(false)
    // Where it was put may be the end, and then no scrolling tells so.
    requestAnimationFrame(() => view.current !== null && isAtEnd(view.current) && bind(true))
  }, [bind, view])

  useEffect(() => {
    const node = view.current
    const inner = content.current
    if (node === null || inner === null) return
    let lastTop = node.scrollTop
    const scrolled = () => {
      if (isAtEnd(node)) bind(true)
      else if (node.scrollTop < lastTop - 1) bind(false)
      lastTop = node.scrollTop
    }
    // Before the browser has moved anything: the next token must not pull the view back.
    const wheel = (event: WheelEvent) => {
      if (event.deltaY < 0 && node.scrollHeight > node.clientHeight) bind(false)
    }
    const keyed = (event: KeyboardEvent) => {
      if (["PageUp", "ArrowUp", "Home"].includes(event.key)) bind(false)
    }
    let touchedAt = 0
    const touched = (event: TouchEvent) => {
      touchedAt = event.touches[0]?.clientY ?? 0
    }
    const dragged = (event: TouchEvent) => {
      if ((event.touches[0]?.clientY ?? 0) > touchedAt + 4) bind(false)
    }
    const follow = () => {
      if (bound.current) node.scrollTo({ top: node.scrollHeight })
    }
    const observer = new ResizeObserver(follow)
    observer.observe(inner)
    observer.observe(node)
    node.addEventListener("scroll", scrolled, { passive: true })
    node.addEventListener("wheel", wheel, { passive: true })
    node.addEventListener("keydown", keyed)
    node.addEventListener("touchstart", touched, { passive: true })
    node.addEventListener("touchmove", dragged, { passive: true })
    follow()
    return () => {
      observer.disconnect()
      node.removeEventListener("scroll", scrolled)
      node.removeEventListener("wheel", wheel)
      node.removeEventListener("keydown", keyed)
      node.removeEventListener("touchstart", touched)
      node.removeEventListener("touchmove", dragged)
    }
  }, [bind, content, view])

  return { following, toEnd, letGo }
}
