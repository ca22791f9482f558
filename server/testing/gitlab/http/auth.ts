import type { Token, World } from "../world.ts"
import { Refusal } from "./answer.ts"

/** The token of a call, by either header. Refuses as GitLab does: unknown, expired and revoked differ. */
export function authenticate(world: World, headers: Headers, method: string): Token {
  const bearer = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1]
  const value = headers.get("private-token") ?? bearer
  if (value === undefined) throw new Refusal(401, { message: "401 Unauthorized" })
  const token = world.tokens.find((known) => known.value === value)
  if (token === undefined) {
    if (bearer === undefined) throw new Refusal(401, { message: "401 Unauthorized" })
    throw invalid("Token was revoked. You have to re-authorize from the user.")
  }
  if (token.revoked) throw invalid("Token was revoked. You have to re-authorize from the user.")
  if (expired(token)) throw invalid("Token is expired. You can either do re-authorization or token refresh.")
  const reading = method === "GET" || method === "HEAD"
  if (token.scopes.includes("api") || (reading && token.scopes.includes("read_api"))) return token
  throw new Refusal(403, {
    error: "insufficient_scope",
    error_description: "The request requires higher privileges than provided by the access token.",
    scope: "api",
  })
}

/** The token in the password of a git client; null when it may not. */
export function authenticateGit(world: World, headers: Headers, write: boolean): Token | null {
  const encoded = /^Basic (.+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? ""
  const password = Buffer.from(encoded, "base64").toString().split(":").slice(1).join(":")
  const token = world.tokens.find((known) => known.value === password && !known.revoked && !expired(known))
  const wanted = write ? ["api", "write_repository"] : ["api", "read_repository", "write_repository"]
  return token?.scopes.some((scope) => wanted.includes(scope)) === true ? token : null
}

const expired = (token: Token): boolean => Date.parse(`${token.expiresAt}T00:00:00Z`) <= Date.now()

const invalid = (words: string): Refusal => new Refusal(401, { error: "invalid_token", error_description: words })
