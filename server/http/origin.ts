import type { Config } from "../config.ts"
import { AppError } from "../app-error.ts"
import { trustedOrigins } from "../features/account/trusted-origins.ts"

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"])

/** Programs send their own credentials, which no browser adds by itself. */
function hasOwnCredentials(headers: Headers): boolean {
  return headers.has("x-api-key") || /^bearer /i.test(headers.get("authorization") ?? "")
}

/** No cookie counts there: each message shows by itself who sent it. */
const provesItself = ({ url }: Request): boolean => new URL(url).pathname.startsWith("/webhooks/")

/**
 * Refuses a request that may change something and that a foreign page could have made: its `Origin` must be one of
 * ours. A browser without `Origin` must say that the page is the same origin; without a cookie there is nothing to
 * misuse.
 */
export function checkOrigin(config: Config, request: Request): void {
  if (safeMethods.has(request.method) || hasOwnCredentials(request.headers) || provesItself(request)) return
  const origin = request.headers.get("origin")
  if (origin !== null) {
    if (trustedOrigins(config).includes(origin)) return
    throw new AppError("forbidden", "This page may not do that. Open Go Chat at its own address.")
  }
  const site = request.headers.get("sec-fetch-site")
  if (site === "same-origin" || (site === null && !request.headers.has("cookie"))) return
  throw new AppError("forbidden", "The request does not say which page it comes from: the header Origin is missing.")
}

/**
 * A script of another page asks with the browser's cookie, also where nothing is changed: it could not read the
 * answer, but it could open streams until none is left. Following a link is no script.
 */
export function asksFromForeignPage(config: Config, { headers }: Request): boolean {
  const site = headers.get("sec-fetch-site")
  if (site === null || site === "same-origin" || site === "none") return false
  if (headers.get("sec-fetch-mode") === "navigate") return false
  return !trustedOrigins(config).includes(headers.get("origin") ?? "")
}
