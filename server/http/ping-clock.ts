/** One timer for all open streams: thousands of timers of their own would cost more than the streams. */
const clocks = new Map<number, { waiting: Set<() => void>; timer: ReturnType<typeof setInterval> }>()

/** Calls `ping` once, within the next `everyMs`. Returns a function that takes it back. */
export function onPing(everyMs: number, ping: () => void): () => void {
  const clock = clocks.get(everyMs) ?? start(everyMs)
  clock.waiting.add(ping)
  return () => clock.waiting.delete(ping)
}

function start(everyMs: number) {
  const waiting = new Set<() => void>()
  const timer = setInterval(() => {
    if (waiting.size === 0) {
      clearInterval(timer)
      clocks.delete(everyMs)
      return
    }
    const due = [...waiting]
    waiting.clear()
    for (const ping of due) ping()
  }, everyMs)
  const clock = { waiting, timer }
  clocks.set(everyMs, clock)
  return clock
}
