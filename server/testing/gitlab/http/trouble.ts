/** How the next matching requests are spoiled. */
export type Trouble =
  /** Answered without being done. */
  | { kind: "status"; status: number; body?: unknown; headers?: Record<string, string> }
  /** 429 of the throttle before the application: text, `Retry-After`. */
  | { kind: "throttled"; seconds: number }
  /** 429 of one endpoint: JSON, no `Retry-After`. */
  | { kind: "limited" }
  /** 502, 503 or 504 of the proxy: a page. */
  | { kind: "html"; status?: number }
  /** 403, 422 and 409 with the words that are usual. */
  | { kind: "forbidden" | "invalid" | "conflict" }
  /** Done, but the answer comes late. */
  | { kind: "slow"; ms: number }
  /** Done, but the connection breaks in the middle of the answer. */
  | { kind: "cut" }
  /** Done, but nothing is ever answered: the connection breaks. */
  | { kind: "lost" }
  /** Not done, and never answered. */
  | { kind: "silent" }

export interface TroubleRule {
  method?: string
  /** Of the path with its query, without host; git's too. */
  path?: RegExp
  /** How many requests; else one. */
  times?: number
  trouble: Trouble
}

/** The rules that still wait for requests. */
export class Troubles {
  readonly #rules: (TroubleRule & { left: number })[] = []

  add(rule: TroubleRule): void {
    this.#rules.push({ ...rule, left: rule.times ?? 1 })
  }

  clear(): void {
    this.#rules.length = 0
  }

  take(method: string, path: string): Trouble | null {
    const rule = this.#rules.find(
      (rule) => rule.left > 0 && (rule.method ?? method) === method && (rule.path?.test(path) ?? true),
    )
    if (rule === undefined) return null
    rule.left--
    return rule.trouble
  }
}

const page = (status: number) =>
  `<!DOCTYPE html>\n<html><head><title>GitLab is not responding (${status})</title></head><body><h1>${status}</h1><p>Whoops, GitLab is taking too much time to respond.</p></body></html>\n`

/** The answer of a trouble that comes before anything is done; null for the others. */
export function spoiledAnswer(
  trouble: Trouble,
): { status: number; headers: Record<string, string>; body: string } | null {
  const json = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  })
  switch (trouble.kind) {
    case "status":
      return json(trouble.status, trouble.body ?? { message: `${trouble.status}` }, trouble.headers)
    case "throttled": {
      const headers = {
        "content-type": "text/plain",
        "retry-after": String(trouble.seconds),
        "ratelimit-limit": "60",
        "ratelimit-observed": "61",
        "ratelimit-remaining": "0",
        "ratelimit-name": "throttle_authenticated_api",
        "ratelimit-reset": String(Math.ceil(Date.now() / 1000) + trouble.seconds),
      }
      return { status: 429, headers, body: "Retry later\n" }
    }
    case "limited":
      return json(429, { message: { error: "This endpoint has been requested too many times. Try again later." } })
    case "html": {
      const status = trouble.status ?? 502
      return { status, headers: { "content-type": "text/html; charset=utf-8" }, body: page(status) }
    }
    case "forbidden":
      return json(403, { message: "403 Forbidden" })
    case "invalid":
      return json(422, { error: "Invalid url given" })
    case "conflict":
      return json(409, { message: "409 Conflict: a resource lock" })
    case "slow":
    case "cut":
    case "lost":
    case "silent":
      return null
    default:
      throw new Error("unknown trouble")
  }
}
