import type { Actor, Services } from "../context.ts"
import { identify } from "../http/actor.ts"
import { newId } from "../lib/ids.ts"
import type { CallContext } from "./init.ts"

/**
 * The context of one HTTP call, as tRPC's adapter wants it. Never throws: an error here would end a subscription for
 * good, so who acts is looked up by the procedures. Cookies that better-auth renews go out with the answer.
 */
export function createContext(services: Services, request: Request) {
  return ({ resHeaders }: { resHeaders: Headers }): CallContext => {
    const known = new Map<boolean, Promise<Actor | null>>()
    const look = async (fresh: boolean): Promise<Actor | null> => {
      const { actor, cookies } = await identify(services, request, { fresh })
      for (const cookie of cookies) resHeaders.append("set-cookie", cookie)
      return actor
    }
    return {
      ...services,
      requestId: request.headers.get("x-request-id") ?? newId(),
      resolve: (fresh) => {
        const found = known.get(true) ?? known.get(fresh) ?? look(fresh)
        known.set(fresh, found)
        return found
      },
    }
  }
}
