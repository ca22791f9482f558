import type { Services } from "../context.ts"
import { parseAddress } from "./gateway/address.ts"
import { Projects } from "./gateway/find-target.ts"

/** Below `/api`, where no page of the client and no other door is. */
export const askPath = "/api/certificate"

/** Names that have to be looked up, a second; a project's name can wait, the database cannot be kept busy. */
const perSecond = 20
const atOnce = 100

/** The address of a version has this much of its commit; with longer ones a commit would have many names. */
const shaDigits = 7

/**
 * `GET /api/certificate?domain=<name>`: 200 when the proxy in front may fetch a certificate for this name, which is ours
 * or that of an app that there is; else 404, so that nobody can make it fetch certificates without an end. `isNear`: the
 * proxy asks itself. 429 when there are too many questions.
 */
export function certificateQuestion(services: Services): (request: Request, isNear: boolean) => Promise<Response> {
  const { config, repository } = services
  const projects = new Projects(services)
  const own = new URL(config.publicUrl).hostname
  const [, port = ""] = /(:\d+)$/.exec(config.previewDomain) ?? []
  let room = atOnce
  let countedAt = performance.now()

  const takeTurn = (): boolean => {
    const now = performance.now()
    room = Math.min(atOnce, room + ((now - countedAt) / 1000) * perSecond)
    countedAt = now
    if (room < 1) return false
    room -= 1
    return true
  }

  return async (request, isNear) => {
    // What the proxy passes on for somebody says for whom.
    if (!isNear || request.headers.has("x-forwarded-for")) return says(404)
    const domain = new URL(request.url).searchParams.get("domain")?.toLowerCase().replace(/\.$/, "") ?? ""
    if (domain === own) return says(200)
    const address = parseAddress(config, domain + port)
    if (address === null || (address.kind === "version" && address.sha.length !== shaDigits)) return says(404)
    if (!takeTurn()) return says(429)
    const project = await projects.bySlug(address.slug)
    if (project === null) return says(404)
    if (address.kind !== "version") return says(200)
    return says((await repository.resolve(project.id, address.sha)) === null ? 404 : 200)
  }
}

const says = (status: 200 | 404 | 429): Response =>
  new Response(null, { status, headers: { "cache-control": "no-store" } })
