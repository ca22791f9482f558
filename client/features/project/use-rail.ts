import { useState } from "react"

const key = "gochat.rail"

/** Whether the list of projects at the left is unfolded, remembered on this device. */
export function useRail(): { open: boolean; toggle: () => void } {
  const [open, setOpen] = useState(() => localStorage.getItem(key) === "open")
  const toggle = () => {
    localStorage.setItem(key, open ? "folded" : "open")
    setOpen(!open)
  }
  return { open, toggle }
}
