import { ok } from "../http/answer.ts"
import type { Routes } from "../http/router.ts"
import { bot, type World } from "../world.ts"

/** The token's user, as other answers show it. */
export const userView = (world: World) => ({
  id: bot.id,
  username: bot.username,
  public_email: null,
  name: bot.name,
  state: "active",
  locked: false,
  avatar_url: null,
  web_url: `${world.url}/${bot.username}`,
})

const versionView = ({ settings }: World) => ({
  version: `${settings.version}.${settings.version === 17 ? "11" : "5"}.1`,
  revision: "a1b2c3d4e5f",
  kas: { enabled: false, externalUrl: null, version: null },
  enterprise: false,
})

/** Who asks, with what, and whom. */
export const peopleRoutes: Routes = {
  "GET /version": ({ world }) => ok(versionView(world)),
  "GET /metadata": ({ world }) => ok(versionView(world)),
  "GET /user": ({ world }) =>
    ok({
      ...userView(world),
      email: bot.email,
      commit_email: bot.email,
      created_at: "2026-01-01T00:00:00.000Z",
      bot: true,
      external: false,
      can_create_group: false,
      can_create_project: false,
      projects_limit: 0,
    }),
  "GET /personal_access_tokens/self": ({ token }) =>
    ok({
      id: 42,
      name: "go-chat",
      revoked: token.revoked,
      created_at: "2026-01-01T00:00:00.000Z",
      description: null,
      scopes: token.scopes,
      user_id: bot.id,
      last_used_at: new Date().toISOString(),
      active: true,
      expires_at: token.expiresAt,
    }),
}
