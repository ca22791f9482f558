import type { Services } from "../../context.ts"
import { projectBySlug } from "../../features/project/by-slug.ts"
import { resolveActor } from "../actor.ts"
import { parseAddress } from "./address.ts"
import type { Codes } from "./codes.ts"
import { holderOf, type Membership } from "./membership.ts"
import { membersOnlyPage, notHere, passNotKeptPage, signedOutPage } from "./pages.ts"
import { hasPass, passSetCookie } from "./pass.ts"

/** Path on the app's own host; the session cookie is there and only there. */
export const enterPath = "/preview/enter"
/** Path on a preview host that takes the code. */
export const redeemPath = "/__gochat/enter"

/**
 * Only a path: an answer of ours never sends anybody to another host. It is read and written again the way browsers
 * do, for they see another host in `//host`, in `/\host`, and in either with a tab in between.
 */
function pathOnly(to: string | null): string {
  const base = "http://here.invalid"
  const url = to?.startsWith("/") ? URL.parse(to, base) : null
  if (url === null || url.origin !== base) return "/"
  const path = url.pathname + url.search + url.hash
  return path.startsWith("//") ? "/" : path
}

/** From a preview host to the app's host: who are you? */
export function askWho(publicUrl: string, host: string, url: URL): Response {
  const to = new URL(enterPath, publicUrl)
  to.searchParams.set("host", host)
  to.searchParams.set("to", url.pathname + url.search)
  return redirect(to.href)
}

/** GET /preview/enter on the app's host: a member gets a code for that one preview host, anybody else words. */
export async function enter(
  services: Services,
  request: Request,
  codes: Codes,
  membership: Membership,
): Promise<Response> {
  const url = new URL(request.url)
  const host = (url.searchParams.get("host") ?? "").toLowerCase()
  const address = parseAddress(services.config, host)
  const actor = await resolveActor(services, request, { fresh: true })
  if (actor === null || actor.type === "system") return signedOutPage(services.config.publicUrl, url)
  const project = address === null ? null : await projectBySlug(services, address.slug)
  const holder = project === null ? null : holderOf(actor, project.id)
  if (holder === null || !(await membership.isGood(holder))) {
    return address?.kind === "live" && project !== null ? membersOnlyPage(services.config.publicUrl) : notHere()
  }
  const to = new URL(redeemPath, `${new URL(services.config.publicUrl).protocol}//${host}`)
  to.searchParams.set("code", codes.mint({ host, ...holder }))
  to.searchParams.set("to", pathOnly(url.searchParams.get("to")))
  return redirect(to.href)
}

/**
 * GET /__gochat/enter on a preview host: a good code becomes a pass, then on to the page that was wanted. On the way a
 * look whether the browser kept the pass: where it did not, asking again and again would never end.
 */
export function redeem(services: Services, request: Request, host: string, codes: Codes): Response {
  const url = new URL(request.url)
  const to = pathOnly(url.searchParams.get("to"))
  if (url.searchParams.has("kept")) return hasPass(request) ? redirect(to) : passNotKeptPage(to)
  const holder = codes.redeem(url.searchParams.get("code") ?? "", host)
  // An old code in a history entry: simply ask again.
  if (holder === null) return askWho(services.config.publicUrl, host, new URL(to, url))
  const answer = redirect(`${redeemPath}?kept=1&to=${encodeURIComponent(to)}`)
  answer.headers.append("set-cookie", passSetCookie(services.config, host, holder))
  return answer
}

const redirect = (location: string) =>
  new Response(null, {
    status: 302,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  })
