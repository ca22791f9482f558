import type { Services } from "../../context.ts"
import { isMember } from "../../features/project/by-slug.ts"
import { resolveActor } from "../actor.ts"
import { readPass } from "./pass.ts"

/** A membership that was found is believed this long; one that was not is asked again every time. */
const believedMs = 60_000

/** Decides who may look at drafts and versions. */
export class Membership {
  readonly #known = new Map<string, number>()

  constructor(private readonly services: Services) {}

  /** A pass of this host, or the API key of a member. */
  async allows(request: Request, projectId: string): Promise<boolean> {
    const holder = isOfForeignPage(request) ? null : readPass(this.services.config, request, projectId)
    if (holder !== null && (await this.isMember(projectId, holder))) return true
    // On a preview host the session cookie does not exist, so this can only be a key or a bearer token.
    if (!request.headers.has("x-api-key") && !request.headers.has("authorization")) return false
    const actor = await resolveActor(this.services, request, { fresh: true })
    return actor !== null && actor.type !== "system" && this.isMember(projectId, actor.userId)
  }

  async isMember(projectId: string, userId: string): Promise<boolean> {
    const key = `${projectId} ${userId}`
    if ((this.#known.get(key) ?? 0) > Date.now()) return true
    const member = await isMember(this.services, projectId, userId)
    if (!member) this.#known.delete(key)
    else this.#remember(key)
    return member
  }

  #remember(key: string): void {
    if (this.#known.size > 10_000) this.#known.clear()
    this.#known.set(key, Date.now() + believedMs)
  }
}

/**
 * All previews are one site, so a browser sends the pass also when the page of somebody else's app asks. Only the app's
 * own pages may use it, and whoever opens the draft: in a frame, by a link, after signing in.
 */
function isOfForeignPage({ method, headers }: Request): boolean {
  const site = headers.get("sec-fetch-site")
  if (site === "same-origin" || site === "none") return false
  if (site !== null) return !((method === "GET" || method === "HEAD") && headers.get("sec-fetch-mode") === "navigate")
  const origin = headers.get("origin")
  return origin !== null && URL.parse(origin)?.host !== headers.get("host")?.toLowerCase()
}
