const key = "gochat.reloadedAt"
const pauseMs = 60_000

/**
 * The server was updated under an open page: the parts that this page still has to load are gone. It is loaded anew, at
 * most once a minute, and not without a connection, where the part is missing for another reason.
 */
export function reloadWhenStale(): void {
  addEventListener("vite:preloadError", () => {
    if (!navigator.onLine || Date.now() - Number(sessionStorage.getItem(key)) < pauseMs) return
    sessionStorage.setItem(key, String(Date.now()))
    location.reload()
  })
}
