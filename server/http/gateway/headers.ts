import type { Endpoint } from "../../ports/sandbox/port.ts"
import { cookiesOf, ourCookies } from "./pass.ts"

/** RFC 9110 7.6.1: meant for one connection only. */
const hopByHop = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]

/** What tells who somebody is to us; an app must never see it. */
const secret = ["authorization", "x-api-key", "cookie"]

/** Headers for the app: what the visitor sent, without what is ours. */
export function towardsApp(request: Request, endpoint: Endpoint, scheme: string): Headers {
  const headers = new Headers(request.headers)
  for (const name of [...hopByHop, ...secret, "x-forwarded-for"]) headers.delete(name)
  const internal = [...headers.keys()].filter((name) => name.startsWith("x-gochat-"))
  for (const name of internal) headers.delete(name)
  const cookies = cookiesOf(request).filter(([name]) => !name.startsWith(ourCookies))
  if (cookies.length > 0) headers.set("cookie", cookies.map(([name, value]) => `${name}=${value}`).join("; "))
  const host = request.headers.get("host") ?? ""
  headers.set("x-forwarded-host", host)
  headers.set("x-forwarded-proto", scheme)
  // Development servers refuse hosts they do not know; names of this machine they all know.
  headers.set("host", /\.localhost(:\d+)?$/.test(host) ? host : `127.0.0.1:${endpoint.port}`)
  return headers
}

/** Headers for the visitor: what the app answered, without cookies that could reach beyond its own host. */
export function towardsVisitor(answer: Response): Headers {
  const headers = new Headers(answer.headers)
  for (const name of hopByHop) headers.delete(name)
  headers.delete("set-cookie")
  for (const cookie of answer.headers.getSetCookie()) {
    const [pair = "", ...attributes] = cookie.split(";")
    if (pair.trim().toLowerCase().startsWith(ourCookies.toLowerCase())) continue
    const kept = attributes.filter((attribute) => !/^\s*domain\s*=/i.test(attribute))
    headers.append("set-cookie", [pair, ...kept].join(";"))
  }
  return headers
}

/** Only the app's own page may frame a draft. A policy of the app stays; a second one can only narrow it. */
export function frameOnlyFrom(headers: Headers, publicUrl: string): void {
  headers.delete("x-frame-options")
  headers.append("content-security-policy", `frame-ancestors 'self' ${publicUrl}`)
}
