import { createHash, createHmac, timingSafeEqual } from "node:crypto"

/** What a project's hook sends in `X-Gitlab-Token`. */
export const hookToken = (secret: string, projectId: string): string =>
  createHmac("sha256", secret).update(projectId).digest("hex")

/** The key that a project's hook signs with, as GitLab wants it written. */
export const hookSigningToken = (secret: string, projectId: string): string =>
  `whsec_${createHmac("sha256", secret).update(`signing:${projectId}`).digest("base64")}`

export interface ReceivedHook {
  headers: Headers
  /** As it came, before anything was read from it. */
  body: Uint8Array
  token: string
  signingToken: string
  now?: Date
}

const windowSeconds = 5 * 60

/** Whether GitLab sent it. A signature that is there must hold; without one the token must be right. */
export function verifyHook(hook: ReceivedHook): "genuine" | "stale" | "forged" {
  const signatures = hook.headers.get("webhook-signature")
  if (signatures !== null) return verifySignature(hook, signatures)
  const token = hook.headers.get("x-gitlab-token")
  return token !== null && same(token, hook.token) ? "genuine" : "forged"
}

function verifySignature(hook: ReceivedHook, signatures: string): "genuine" | "stale" | "forged" {
  const [id, timestamp] = [hook.headers.get("webhook-id"), hook.headers.get("webhook-timestamp")]
  const key = keyOf(hook.signingToken)
  if (id === null || timestamp === null || !/^\d{1,12}$/.test(timestamp) || key === null) return "forged"
  const made = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(hook.body).digest("base64")
  let holds = false
  for (const signature of signatures.split(" ")) {
    if (signature.startsWith("v1,") && same(signature.slice(3), made)) holds = true
  }
  if (!holds) return "forged"
  const age = Math.abs((hook.now ?? new Date()).getTime() / 1000 - Number(timestamp))
  return age <= windowSeconds ? "genuine" : "stale"
}

function keyOf(signingToken: string): Buffer | null {
  if (!signingToken.startsWith("whsec_")) return null
  const key = Buffer.from(signingToken.slice("whsec_".length), "base64")
  return key.length === 32 ? key : null
}

/** In a time that tells nothing, also not how long the right one is. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()
