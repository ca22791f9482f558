import type { Actor, Services } from "../context.ts"
import { keyPrefix } from "../features/account/auth.ts"
import { type Identity, identifyKey, identifySession, nobody } from "../features/account/identify.ts"
import { asksFromForeignPage } from "./origin.ts"

type Parts = Pick<Services, "auth" | "config" | "db" | "log">

/**
 * Who sent this request: an API key (`x-api-key`, or as a bearer token), a session token (bearer), or the cookie.
 * A request with credentials of its own is never also judged by its cookie: that would go around the origin check.
 * `fresh` asks the database; otherwise the signed cookie is believed for up to a minute.
 */
export async function identify(services: Parts, request: Request, { fresh }: { fresh: boolean }): Promise<Identity> {
  const { headers } = request
  const key = headers.get("x-api-key")
  if (key !== null) return { actor: await identifyKey(services, key), cookies: [] }
  const authorization = headers.get("authorization")
  if (authorization !== null) {
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1]
    if (token === undefined) return nobody
    if (token.startsWith(keyPrefix)) return { actor: await identifyKey(services, token), cookies: [] }
    const { actor } = await identifySession(services, new Headers({ authorization }), fresh)
    return { actor, cookies: [] }
  }
  const cookie = headers.get("cookie")
  if (cookie === null || asksFromForeignPage(services.config, request)) return nobody
  return identifySession(services, new Headers({ cookie }), fresh)
}

/** Like `identify`, for routes that set no cookies. */
export async function resolveActor(
  services: Parts,
  request: Request,
  options: { fresh: boolean },
): Promise<Actor | null> {
  return (await identify(services, request, options)).actor
}
