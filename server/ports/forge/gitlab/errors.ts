/** What can be done about it decides the kind. */
export type GitLabErrorKind =
  /** It does not answer, or says that it cannot now. */
  | "away"
  /** The token is not valid (any more). */
  | "unauthorized"
  | "forbidden"
  /** Not there; or hidden, because the token has no right to see it. */
  | "missing"
  | "conflict"
  | "invalid"
  /** Too many requests. */
  | "limited"
  | "unexpected"

/** What GitLab refused or could not do. `message` is for people; no token is in any of its words. */
export class GitLabError extends Error {
  override readonly name = "GitLabError"
  constructor(
    readonly kind: GitLabErrorKind,
    message: string,
    /** GitLab's own words, shortened. */
    readonly detail: string,
    readonly about: {
      status: number | null
      /** A write that may have been done although nobody heard of it: look before it is repeated. */
      maybeDone: boolean
      /** What GitLab asked to wait, when it said so. */
      retryAfterMs: number | null
    } = { status: null, maybeDone: false, retryAfterMs: null },
  ) {
    super(message)
  }
}

const words: Record<GitLabErrorKind, string> = {
  away: "GitLab does not answer at the moment. It is tried again by itself.",
  unauthorized: "GitLab does not accept the access token. Who runs this server has to set a new one (GITLAB_TOKEN).",
  forbidden: "GitLab does not allow this with the access token that is set.",
  missing: "GitLab does not have this, or the access token may not see it.",
  conflict: "Something else changed this in GitLab at the same moment. Try again.",
  invalid: "GitLab refused this.",
  limited: "GitLab was asked too often. It is tried again in a while.",
  unexpected: "GitLab answered with something that cannot be understood.",
}

/** Turns an answer that is no success into an error. */
export function errorOfAnswer(
  answer: { status: number; contentType: string; retryAfter: string | null; text: string },
  method: string,
  secret: string,
): GitLabError {
  const kind = kindOf(answer.status)
  const { code, said } = wordsOf(answer.text, answer.contentType)
  const detail = withoutSecrets(said === "" ? `HTTP ${answer.status}` : said, secret)
  return new GitLabError(kind, messageOf(kind, code, detail), detail, {
    status: answer.status,
    maybeDone: kind === "away" && method !== "GET",
    retryAfterMs: retryAfterOf(answer.retryAfter),
  })
}

/** Turns what `fetch` throws into an error: no connection, a connection that broke, no answer in time. */
export function errorOfConnection(error: unknown, method: string, secret: string): GitLabError {
  if (error instanceof GitLabError) return error
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""
  const detail = withoutSecrets(error instanceof Error ? error.message || error.name : String(error), secret)
  const neverSent = /ECONNREFUSED|ConnectionRefused|ENOTFOUND|DNS|CERT|SELF_SIGNED/i.test(`${code} ${detail}`)
  const about = { status: null, maybeDone: method !== "GET" && !neverSent, retryAfterMs: null }
  return new GitLabError("away", words.away, detail, about)
}

/** The same with other words for people. */
export const reworded = (error: GitLabError, message: string): GitLabError =>
  new GitLabError(error.kind, message, error.detail, error.about)

/** What was thrown, when it is of this kind. */
export const isGitLab = (error: unknown, ...kinds: GitLabErrorKind[]): error is GitLabError =>
  error instanceof GitLabError && kinds.includes(error.kind)

/** An answer that came well but is not what was asked for. */
export const unexpected = (detail: string, status: number | null = null): GitLabError =>
  new GitLabError("unexpected", words.unexpected, detail.slice(0, 500), {
    status,
    maybeDone: false,
    retryAfterMs: null,
  })

function kindOf(status: number): GitLabErrorKind {
  if (status === 401) return "unauthorized"
  if (status === 403) return "forbidden"
  if (status === 404 || status === 410) return "missing"
  if (status === 409 || status === 412 || status === 423) return "conflict"
  if (status === 400 || status === 413 || status === 422) return "invalid"
  if (status === 429) return "limited"
  return status === 408 || status >= 500 ? "away" : "unexpected"
}

function messageOf(kind: GitLabErrorKind, code: string, detail: string): string {
  if (code === "insufficient_scope") {
    return "The access token has too few rights for GitLab. Who runs this server has to set one with the scope “api” (GITLAB_TOKEN)."
  }
  if (kind === "unauthorized" && /expired/i.test(detail)) {
    return "The access token for GitLab has expired. Who runs this server has to set a new one (GITLAB_TOKEN)."
  }
  return kind === "invalid" ? `${words.invalid} It says: ${detail}` : words[kind]
}

/** Every form in which GitLab, its limiters and its proxy say what is wrong. */
function wordsOf(text: string, contentType: string): { code: string; said: string } {
  const body = parsed(text)
  if (typeof body === "object" && body !== null) {
    const { error, error_description: description, message } = body as Record<string, unknown>
    const code = typeof error === "string" ? error : ""
    const said = [description ?? error, message].filter((part) => part !== undefined).map(flat)
    return { code, said: short(said.join(": ")) }
  }
  if (typeof body === "string") return { code: "", said: short(body) }
  const isPage = contentType.includes("html") || /^\s*</.test(text)
  const title = isPage ? (/<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? "a page instead of an answer") : text
  return { code: "", said: short(title) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** `{"name": ["has already been taken"]}` as words. */
function flat(value: unknown): string {
  if (Array.isArray(value)) return value.map(flat).join(", ")
  if (typeof value !== "object" || value === null) return String(value)
  return Object.entries(value)
    .filter(([, part]) => !(Array.isArray(part) && part.length === 0))
    .map(([key, part]) => (key === "base" || key === "error" ? flat(part) : `${key} ${flat(part)}`))
    .join("; ")
}

const short = (text: string): string => text.replaceAll(/\s+/g, " ").trim().slice(0, 500)

/** Takes out the token, every token that looks like one, and what stands before an @ in an address. */
function withoutSecrets(text: string, secret: string): string {
  const cleaned = secret === "" ? text : text.replaceAll(secret, "…")
  return cleaned.replaceAll(/\bgl[a-z]{2,6}-[\w.-]{8,}/g, "…").replaceAll(/:\/\/[^/\s@]*@/g, "://")
}

/** Seconds or a date. */
function retryAfterOf(value: string | null): number | null {
  if (value === null || value === "") return null
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}
