import { badRequest, created, forbidden, notFound, ok, Refusal } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Endpoint, Routes } from "../http/router.ts"
import { flagOf, listOf, mustText, numberOf, textOf } from "../http/values.ts"
import { isLocalAddress } from "../hooks/local-address.ts"
import type { Group, World } from "../world.ts"
import { findGroup } from "./find.ts"

interface GroupToken {
  id: number
  groupId: number
  name: string
  scopes: string[]
  accessLevel: number
  expiresAt: string
}

interface Runner {
  id: number
  groupId: number
  description: string
  token: string
}

interface Administration {
  signup: boolean
  allowlist: string
  allowsAll: boolean
  tokens: GroupToken[]
  runners: Runner[]
}

const administrations = new WeakMap<World, Administration>()

/** What administrators see and change of this GitLab. */
export function administration(world: World): Administration {
  const known = administrations.get(world)
  if (known !== undefined) return known
  const made = { signup: true, allowlist: "", allowsAll: world.settings.localHooks, tokens: [], runners: [] }
  administrations.set(world, made)
  return made
}

/** A token with the scope `admin_mode` is an administrator's. */
const byAdmin =
  (endpoint: Endpoint): Endpoint =>
  (call) => {
    if (!call.token.scopes.includes("admin_mode")) throw forbidden()
    return endpoint(call)
  }

const settingsView = (world: World) => {
  const { signup, allowlist, allowsAll } = administration(world)
  return {
    signup_enabled: signup,
    auto_devops_enabled: world.settings.autoDevOps,
    allow_local_requests_from_web_hooks_and_services: allowsAll,
    outbound_local_requests_allowlist_raw: allowlist,
  }
}

function changeSettings(call: Call): void {
  const { world } = call
  const known = administration(world)
  known.signup = flagOf(call, "signup_enabled") ?? known.signup
  world.settings.autoDevOps = flagOf(call, "auto_devops_enabled") ?? world.settings.autoDevOps
  known.allowsAll = flagOf(call, "allow_local_requests_from_web_hooks_and_services") ?? known.allowsAll
  known.allowlist = textOf(call, "outbound_local_requests_allowlist_raw") ?? known.allowlist
  // This GitLab knows only all or none: an address of this machine in the list allows them.
  const local = known.allowlist.split("\n").some((host) => host !== "" && isLocalAddress(`http://${host}`))
  world.settings.localHooks = known.allowsAll || local
}

const day = 86_400_000

function newToken(call: Call, group: Group): GroupToken & { secret: string } {
  const { world } = call
  const scopes = listOf(call, "scopes")
  const expiresAt = mustText(call, "expires_at")
  if (scopes.length === 0) throw new Refusal(400, { error: "scopes is missing" })
  if (Date.parse(expiresAt) > Date.now() + 365 * day) throw badRequest("400 Bad request - Expires at must expire in 365 days") // prettier-ignore
  const secret = `glpat-${crypto.randomUUID()}`
  world.tokens.push({ value: secret, scopes, expiresAt, revoked: false })
  const accessLevel = numberOf(call, "access_level") ?? 40
  const token = { id: world.nextId(), groupId: group.id, name: mustText(call, "name"), scopes, accessLevel, expiresAt }
  administration(world).tokens.push(token)
  return { ...token, secret }
}

const tokenView = ({ id, name, scopes, accessLevel, expiresAt }: GroupToken) => ({
  id,
  name,
  revoked: false,
  created_at: "2026-01-01T00:00:00.000Z",
  description: null,
  scopes,
  user_id: 7,
  last_used_at: null,
  active: Date.parse(expiresAt) > Date.now(),
  expires_at: expiresAt,
  access_level: accessLevel,
  resource_type: "group",
})

const runnerView = ({ id, description }: Runner) => ({
  id,
  description,
  ip_address: null,
  active: true,
  paused: false,
  is_shared: false,
  runner_type: "group_type",
  name: null,
  online: null,
  status: "never_contacted",
})

const groupOf = ({ world, params }: Call): Group => {
  const group = findGroup(world, params["id"] ?? "")
  if (group === null) throw notFound("Group")
  return group
}

/** Settings of the whole GitLab, tokens of groups, and runners. */
export const administrationRoutes: Routes = {
  "GET /application/settings": byAdmin(({ world }) => ok(settingsView(world))),
  "PUT /application/settings": byAdmin((call) => {
    changeSettings(call)
    return ok(settingsView(call.world))
  }),
  "GET /groups/:id/access_tokens": byAdmin((call) => {
    const { id } = groupOf(call)
    return page(call, administration(call.world).tokens.filter(({ groupId }) => groupId === id), tokenView) // prettier-ignore
  }),
  "POST /groups/:id/access_tokens": byAdmin((call) => {
    const { secret, ...token } = newToken(call, groupOf(call))
    return created({ ...tokenView(token), token: secret })
  }),
  "GET /groups/:id/runners": byAdmin((call) => {
    const { id } = groupOf(call)
    return page(call, administration(call.world).runners.filter(({ groupId }) => groupId === id), runnerView) // prettier-ignore
  }),
  "POST /user/runners": byAdmin((call) => {
    if (mustText(call, "runner_type") !== "group_type") throw badRequest("only runners of groups are known here")
    const group = call.world.groups.find(({ id }) => id === numberOf(call, "group_id"))
    if (group === undefined) throw notFound("Group")
    const runner = { id: call.world.nextId(), groupId: group.id, description: textOf(call, "description") ?? "", token: `glrt-${crypto.randomUUID()}` } // prettier-ignore
    administration(call.world).runners.push(runner)
    return created({ id: runner.id, token: runner.token, token_expires_at: null })
  }),
  "POST /runners/verify": (call) => {
    const runner = administration(call.world).runners.find(({ token }) => token === mustText(call, "token"))
    if (runner === undefined) throw forbidden()
    return ok({ id: runner.id, token: runner.token, token_expires_at: null })
  },
}
