import { defaultKeyHasher } from "@better-auth/api-key"
import type { Actor, Services } from "../../context.ts"
import { findKeyOwner, touchKey } from "./store.ts"

type Parts = Pick<Services, "auth" | "db" | "log">

/** Who acts, and the cookies that must go back with the answer. */
export interface Identity {
  actor: Actor | null
  cookies: string[]
}

export const nobody: Identity = { actor: null, cookies: [] }

/** "Last used" need not be finer than this; a write for every call would make calls of one key wait for each other. */
const touchEveryMs = 60_000

/** Whose API key this is. Always asks the database, with one query. */
export async function identifyKey({ db, log }: Parts, key: string): Promise<Actor | null> {
  const owner = await findKeyOwner(db, await defaultKeyHasher(key))
  if (owner === null) return null
  if ((owner.usedAt?.getTime() ?? 0) < Date.now() - touchEveryMs) {
    touchKey(db, owner.keyId).catch((error: unknown) => log.warn({ err: error }, "use of a key could not be noted"))
  }
  return { type: "apiKey", userId: owner.userId, role: roleOf(owner.role), keyId: owner.keyId }
}

/** Whose session these headers carry, as a cookie or as a bearer token. */
export async function identifySession({ auth }: Parts, headers: Headers, fresh: boolean): Promise<Identity> {
  const { headers: answer, response: found } = await auth.api.getSession({
    headers,
    query: fresh ? { disableCookieCache: true } : {},
    returnHeaders: true,
  })
  const cookies = answer.getSetCookie()
  if (found === null || found.user.banned === true) return { actor: null, cookies }
  const { user, session } = found
  return { actor: { type: "user", userId: user.id, role: roleOf(user.role), sessionId: session.id }, cookies }
}

export function roleOf(role: string | null | undefined): "admin" | "user" {
  return role === "admin" ? "admin" : "user"
}
