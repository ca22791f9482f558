import type { Incoming } from "./http/serve.ts"

/** A request as it came in and went out. */
export interface LoggedRequest {
  method: string
  /** With the query. */
  path: string
  headers: Headers
  /** As text; of git's requests nothing. */
  body: string
  /** 0 while it is not answered. */
  status: number
  /** What was done to it, e.g. "throttled". */
  trouble: string | null
  at: Date
  ms: number
}

/** Notes a request that came in. */
export function logRequest(list: LoggedRequest[], { method, url, headers, body }: Incoming): LoggedRequest {
  const text = body.length < 1_000_000 && !/git-(?:upload|receive)-pack/.test(url) ? new TextDecoder().decode(body) : ""
  const entry = { method, path: url, headers, body: text, status: 0, trouble: null, at: new Date(), ms: 0 }
  list.push(entry)
  return entry
}
