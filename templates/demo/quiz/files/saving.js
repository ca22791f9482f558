import { save } from "./store.js"

/**
 * Saves what it is given: the first change at once, quick changes together a moment later.
 * `tell` hears "saving", "saved" or "failed"; after a failure it tries again by itself.
 */
export function createSaver(name, tell) {
  let value
  let waiting = false
  let busy = false
  let timer = null

  async function send() {
    clearTimeout(timer)
    timer = null
    if (busy || !waiting) return
    waiting = false
    busy = true
    tell("saving")
    try {
      await save(name, value)
      if (!waiting) tell("saved")
      timer = setTimeout(send, 250)
    } catch {
      waiting = true
      tell("failed")
      timer = setTimeout(send, 3000)
    }
    busy = false
  }

  // Leaving the page must not lose what was changed in the last moment.
  addEventListener("pagehide", () => {
    if (!waiting) return
    const headers = { "content-type": "application/json" }
    fetch(`/store/${name}`, { method: "PUT", headers, body: JSON.stringify(value), keepalive: true }).catch(() => {})
  })

  return (next) => {
    value = next
    waiting = true
    if (timer === null) void send()
  }
}
