/** The script itself: tells the page around the frame which path is shown and what went wrong, and nobody else. */
export function scriptResponse(publicUrl: string): Response {
  return new Response(`(${preview.toString()})(${JSON.stringify(publicUrl)})\n`, {
    headers: { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-cache" },
  })
}

/** Runs in the visitor's browser, inside the app's page. */
function preview(publicUrl: string): void {
  if (window.parent === window) return
  let left = 50
  const tell = (message: object) => window.parent.postMessage({ source: "gochat-preview", ...message }, publicUrl)
  const tellPath = () => tell({ type: "path", path: location.pathname + location.search + location.hash })
  const tellError = (message: unknown, stack = "") => {
    if (left-- <= 0) return
    tell({ type: "error", message: String(message).slice(0, 2000), stack: stack.slice(0, 4000) })
  }
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name].bind(history)
    history[name] = (...parts: Parameters<History["pushState"]>) => {
      original(...parts)
      tellPath()
    }
  }
  addEventListener("popstate", tellPath)
  addEventListener("hashchange", tellPath)
  addEventListener("pageshow", tellPath)
  addEventListener(
    "error",
    (event) => {
      if (event instanceof ErrorEvent) {
        const { message, error } = event
        tellError(message, error instanceof Error ? (error.stack ?? "") : "")
        return
      }
      const element = event.target
      if (!(element instanceof HTMLElement)) return
      const address = element.getAttribute("src") ?? element.getAttribute("href") ?? ""
      tellError(`${element.tagName.toLowerCase()} could not be loaded: ${address}`)
    },
    true,
  )
  addEventListener("unhandledrejection", (event) => {
    const reason: unknown = Reflect.get(event, "reason")
    tellError(reason instanceof Error ? reason.message : reason, reason instanceof Error ? (reason.stack ?? "") : "")
  })
}
