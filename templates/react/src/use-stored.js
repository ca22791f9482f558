import { useEffect, useRef, useState } from "react"
import { load, save } from "./store.js"

/**
 * Like `useState`, but the value stays: `const [items, setItems, state] = useStored("items", [])`.
 * `state` is "loading" until the saved value is there, then "ready"; "failed" when the server could not be reached.
 */
export function useStored(name, initial) {
  const [value, setValue] = useState(initial)
  const [state, setState] = useState("loading")
  const latest = useRef(initial)

  useEffect(() => {
    let current = true
    load(name, initial).then(
      (saved) => {
        if (!current) return
        latest.current = saved
        setValue(saved)
        setState("ready")
      },
      () => current && setState("failed"),
    )
    return () => {
      current = false
    }
    // `initial` is only what to show before the first save.
  }, [name])

  function change(next) {
    const changed = typeof next === "function" ? next(latest.current) : next
    latest.current = changed
    setValue(changed)
    save(name, changed).then(
      () => setState("ready"),
      () => setState("failed"),
    )
  }

  return [value, change, state]
}
