import type { Endpoint } from "../../ports/sandbox/port.ts"
import { cookiesForApp, setCookieOfApp } from "./cookies.ts"

/** RFC 9110 7.6.1: meant for one connection only. `expect` was answered by us. */
const hopByHop = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]

/** What tells who somebody is to us; an app must never see it. */
const secret = ["authorization", "x-api-key", "cookie"]

/** Where a request came from: we say it, or nobody. */
const whereFrom = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
]

/**
 * What an answer would change outside of the app's own pages. Whatever reaches no further than its own host stays:
 * `Service-Worker-Allowed`, `Cross-Origin-*`, `Permissions-Policy`, `Access-Control-*`.
 */
const notTheApps = [
  // With "cookies" in it, this signs people out of the whole site, Go Chat included.
  "clear-site-data",
  // How browsers reach this server is for whoever runs it to say: for longer than the app lives, and below its name.
  "strict-transport-security",
  "public-key-pins",
  "public-key-pins-report-only",
  "expect-ct",
  "alt-svc",
  // Would send the addresses of our own door, with its codes, to whom the app likes.
  "nel",
  // Says to the browser that somebody is signed in or out.
  "set-login",
  // Asks for a password that could never arrive: what people type into that window is not passed on.
  "www-authenticate",
  "authentication-info",
  "set-cookie2",
  // Orders to a proxy in front of us, which would read files of its own.
  "x-accel-redirect",
  "x-sendfile",
  "x-lighttpd-send-file",
]

/** Headers for the app: what the visitor sent, without what is ours. */
export function towardsApp(request: Request, endpoint: Endpoint, scheme: string): Headers {
  const headers = new Headers(request.headers)
  for (const name of [...connectionOnly(headers), ...secret, ...whereFrom]) headers.delete(name)
  for (const name of internal(headers)) headers.delete(name)
  const cookies = cookiesForApp(request)
  if (cookies !== null) headers.set("cookie", cookies)
  const host = request.headers.get("host") ?? ""
  headers.set("x-forwarded-host", host)
  headers.set("x-forwarded-proto", scheme)
  // Development servers refuse hosts they do not know; names of this machine they all know.
  headers.set("host", /\.localhost(:\d+)?$/.test(host) ? host : `127.0.0.1:${endpoint.port}`)
  return headers
}

/** Headers for the visitor: what the app answered, without what reaches beyond its own host. */
export function towardsVisitor(answer: Response): Headers {
  const headers = new Headers(answer.headers)
  for (const name of [...connectionOnly(headers), ...notTheApps]) headers.delete(name)
  for (const name of internal(headers)) headers.delete(name)
  headers.delete("set-cookie")
  for (const cookie of answer.headers.getSetCookie()) {
    const kept = setCookieOfApp(cookie)
    if (kept !== null) headers.append("set-cookie", kept)
  }
  return headers
}

/** The fixed ones, and those that `Connection` names. */
function connectionOnly(headers: Headers): string[] {
  const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim())
  return [...hopByHop, ...named.filter((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name))]
}

const internal = (headers: Headers): string[] => [...headers.keys()].filter((name) => name.startsWith("x-gochat-"))
