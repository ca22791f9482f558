import { createHmac } from "node:crypto"

/** GitLab 19's signature: HMAC-SHA256 by the decoded key over id, time and the raw body. */
export function signature(signingToken: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(signingToken.replace(/^whsec_/, ""), "base64")
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`
}
