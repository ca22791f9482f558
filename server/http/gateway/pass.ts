import { createHmac, timingSafeEqual } from "node:crypto"
import type { Config } from "../../config.ts"
import { newId } from "../../lib/ids.ts"

/** Cookie of a preview host that says who looks; the app behind it never sees it. */
export const passCookie = "__Host-gochat-draft"
/** All our cookies begin so; an app can neither read nor set one. */
export const ourCookies = "__Host-gochat"

const passHours = 12
const codeMs = 30_000

interface Code {
  host: string
  projectId: string
  userId: string
  until: number
}

/** One-time codes that carry a sign-in from the app's host to a preview host. */
export class Codes {
  readonly #codes = new Map<string, Code>()

  constructor(private readonly now: () => number = Date.now) {}

  /** A code for this host, good once and for 30 s. */
  mint(code: Omit<Code, "until">): string {
    for (const [id, { until }] of this.#codes) if (until < this.now()) this.#codes.delete(id)
    const id = `${newId()}${crypto.randomUUID()}`.replaceAll("-", "")
    this.#codes.set(id, { ...code, until: this.now() + codeMs })
    return id
  }

  /** Takes the code out; null when it is unknown, used, late or of another host. */
  redeem(id: string, host: string): { projectId: string; userId: string } | null {
    const code = this.#codes.get(id)
    this.#codes.delete(id)
    return code === undefined || code.until < this.now() || code.host !== host ? null : code
  }
}

/** `Set-Cookie` of a pass for one project. Partitioned: the frame in the app keeps its own. */
export function passSetCookie(config: Config, projectId: string, userId: string): string {
  const until = Date.now() + passHours * 3_600_000
  const claim = `${projectId}.${userId}.${until}`
  const value = `${claim}.${sign(config, claim)}`
  return `${passCookie}=${value}; Path=/; Max-Age=${passHours * 3600}; Secure; HttpOnly; SameSite=None; Partitioned`
}

/** Who holds the pass in this request, if it is ours, of this project and not over. */
export function readPass(config: Config, request: Request, projectId: string): string | null {
  for (const [name, value] of cookiesOf(request)) {
    if (name !== passCookie) continue
    const [project, user, until, signature] = value.split(".")
    if (project !== projectId || user === undefined || until === undefined || signature === undefined) continue
    if (Number(until) > Date.now() && sameText(signature, sign(config, `${project}.${user}.${until}`))) return user
  }
  return null
}

/** Name and value of each cookie, in order. */
export function cookiesOf(request: Request): [string, string][] {
  return (request.headers.get("cookie") ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=")
      return at === -1 ? ["", pair] : [pair.slice(0, at), pair.slice(at + 1)]
    })
}

function sign({ secretKey }: Pick<Config, "secretKey">, claim: string): string {
  return createHmac("sha256", secretKey).update(`preview pass ${claim}`).digest("base64url")
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
