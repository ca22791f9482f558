import { createHmac, timingSafeEqual } from "node:crypto"
import type { Config } from "../../config.ts"
import { cookiesOf } from "./cookies.ts"

/** Cookie of a preview host that says who looks; the app behind it never sees it. */
const passCookie = "__Host-gochat-draft"

const passHours = 12

/** Who was let in, to which project, and by which session or API key: when that ends, so does the pass. */
export interface Holder {
  projectId: string
  userId: string
  credentialId: string
}

/** `Set-Cookie` of a pass for one host. Partitioned: the frame in the app keeps its own. */
export function passSetCookie(config: Pick<Config, "secretKey">, host: string, holder: Holder): string {
  const until = Date.now() + passHours * 3_600_000
  const claim = `${holder.projectId}.${holder.userId}.${holder.credentialId}.${until}`
  const value = `${claim}.${sign(config, host, claim)}`
  return `${passCookie}=${value}; Path=/; Max-Age=${passHours * 3600}; Secure; HttpOnly; SameSite=None; Partitioned`
}

/** Who holds the pass in this request, if it is ours, of this host and project, and not over. */
export function readPass(
  config: Pick<Config, "secretKey">,
  request: Request,
  host: string,
  projectId: string,
): Holder | null {
  for (const [name, value] of cookiesOf(request)) {
    if (name !== passCookie) continue
    const [project, userId, credentialId, until, signature] = value.split(".")
    if (project !== projectId || userId === undefined || credentialId === undefined) continue
    if (until === undefined || signature === undefined || Number(until) <= Date.now()) continue
    const claim = `${project}.${userId}.${credentialId}.${until}`
    if (sameText(signature, sign(config, host, claim))) return { projectId, userId, credentialId }
  }
  return null
}

/** Whether there is one at all, good or not. */
export const hasPass = (request: Request): boolean => cookiesOf(request).some(([name]) => name === passCookie)

function sign({ secretKey }: Pick<Config, "secretKey">, host: string, claim: string): string {
  return createHmac("sha256", secretKey).update(`preview pass ${host} ${claim}`).digest("base64url")
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
