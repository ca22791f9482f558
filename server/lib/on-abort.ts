/** One listener a signal, however many wait: thousands of streams on one signal cost a set entry each. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `end` once when the signal aborts, at once if it did already. Returns a function that takes it back. */
export function onAbort(signal: AbortSignal, end: () => void): () => void {
  if (signal.aborted) {
    end()
    return () => {}
  }
  const ends = waiting.get(signal) ?? listen(signal)
  ends.add(end)
  return () => void ends.delete(end)
}

function listen(signal: AbortSignal): Set<() => void> {
  const ends = new Set<() => void>()
  waiting.set(signal, ends)
  signal.addEventListener(
    "abort",
    () => {
      for (const end of ends) end()
      ends.clear()
    },
    { once: true },
  )
  return ends
}
