import type { Actor, Services } from "../../context.ts"
import { isStillGood } from "../../features/account/still-good.ts"
import { isMember } from "../../features/project/by-slug.ts"
import { resolveActor } from "../actor.ts"
import { type Holder, readPass } from "./pass.ts"

/** What was found good is believed this long; what was not is asked again every time. */
export const believedMs = 30_000

/** Decides who may look at what is for members: drafts, versions, and live apps that are not public. */
export class Membership {
  readonly #known = new Map<string, number>()

  constructor(
    private readonly services: Services,
    private readonly believed = believedMs,
  ) {}

  /** Who this is, by a pass of this host or the API key of a member; null when they may not look. */
  async find(request: Request, host: string, projectId: string): Promise<Holder | null> {
    const pass = isOfForeignPage(request, host) ? null : readPass(this.services.config, request, host, projectId)
    if (pass !== null && (await this.isGood(pass))) return pass
    // On a preview host the session cookie does not exist, so this can only be a key or a bearer token.
    if (!request.headers.has("x-api-key") && !request.headers.has("authorization")) return null
    const holder = holderOf(await resolveActor(this.services, request, { fresh: true }), projectId)
    return holder !== null && (await this.isGood(holder)) ? holder : null
  }

  /** Still a member, by a session or key that has not ended. */
  async isGood(holder: Holder): Promise<boolean> {
    const key = `${holder.projectId} ${holder.userId} ${holder.credentialId}`
    if ((this.#known.get(key) ?? 0) > Date.now()) return true
    const [member, good] = await Promise.all([
      isMember(this.services, holder.projectId, holder.userId),
      isStillGood(this.services, holder.credentialId),
    ])
    if (member && good) this.#remember(key)
    else this.#known.delete(key)
    return member && good
  }

  #remember(key: string): void {
    if (this.#known.size > 10_000) this.#known.clear()
    this.#known.set(key, Date.now() + this.believed)
  }
}

/** What a pass for this project would say about them; null for nobody. */
export function holderOf(actor: Actor | null, projectId: string): Holder | null {
  switch (actor?.type) {
    case "user":
      return { projectId, userId: actor.userId, credentialId: actor.sessionId }
    case "apiKey":
      return { projectId, userId: actor.userId, credentialId: actor.keyId }
    default:
      return null
  }
}

/**
 * All previews are one site, so a browser sends the pass also when the page of somebody else's app asks. Only the app's
 * own pages may use it, and whoever opens it: in a frame, by a link, after signing in.
 */
function isOfForeignPage({ method, headers }: Request, host: string): boolean {
  const site = headers.get("sec-fetch-site")
  if (site === "same-origin" || site === "none") return false
  if (site !== null) return !((method === "GET" || method === "HEAD") && headers.get("sec-fetch-mode") === "navigate")
  const origin = headers.get("origin")
  return origin !== null && URL.parse(origin)?.host !== host
}
