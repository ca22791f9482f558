/** What makes the script end: a sentence that says what to do. Holds no secret. */
export class SetupFailed extends Error {
  override readonly name = "SetupFailed"
}

export interface Answered {
  status: number
  /** JSON, or null where the answer was none. */
  body: unknown
}

/** A GitLab's API with an administrator's token. Built on nothing but Bun: this runs before anything is installed. */
export interface AdminApi {
  readonly url: string
  /** Any answer, also a bad one; null when there was none in time. */
  ask(method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<Answered | null>
  /** A good answer's body; throws `SetupFailed` for every other. `doing` says what was wanted: "make the group". */
  must(doing: string, method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<unknown>
  /** The same, as whoever else this token is of. */
  as(token: string): AdminApi
}

const timeoutMs = 30_000

/** `url` may have a path. Redirects are not followed: the token must not travel on. */
export function createAdminApi(url: string, token: string): AdminApi {
  const base = url.replace(/\/+$/, "")

  async function ask(method: string, path: string, body?: object): Promise<Answered | null> {
    try {
      const response = await fetch(`${base}/api/v4/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: parsed(await response.text()) }
    } catch {
      return null
    }
  }

  return {
    url: base,
    ask,
    async must(doing, method, path, body) {
      const answer = await ask(method, path, body)
      if (answer === null) throw new SetupFailed(`Could not ${doing}: GitLab at ${base} did not answer.`)
      if (answer.status >= 200 && answer.status < 300) return answer.body
      throw new SetupFailed(`Could not ${doing}: GitLab answered ${answer.status}${said(answer.body, token)}.`)
    },
    as: (other) => createAdminApi(base, other),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

function said(body: unknown, token: string): string {
  if (typeof body !== "object" || body === null) return ""
  const { message, error, error_description: more } = body as Record<string, unknown>
  const words = JSON.stringify(more ?? message ?? error ?? "").slice(0, 300)
  return ` (${words.replaceAll(token, "…")})`
}

/** A field of an answer, when it is of that type. */
export function field<T extends "string" | "number" | "boolean">(
  body: unknown,
  name: string,
  type: T,
): Typed[T] | null {
  const value = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined
  return typeof value === type ? (value as Typed[T]) : null
}

interface Typed {
  string: string
  number: number
  boolean: boolean
}

/** A field without which nothing can go on. */
export function mustField<T extends "string" | "number">(body: unknown, name: string, type: T): Typed[T] {
  const value = field(body, name, type)
  if (value === null) throw new SetupFailed(`GitLab's answer has no ${name}. Is that address really a GitLab's?`)
  return value
}

/** The rows of a list. */
export const rowsOf = (body: unknown): unknown[] => (Array.isArray(body) ? body : [])
