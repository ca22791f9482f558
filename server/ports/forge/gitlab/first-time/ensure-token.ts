import { type AdminApi, field, mustField, rowsOf } from "./admin-api.ts"
import type { Made } from "./ensure-group.ts"

const name = "go-chat"
const day = 86_400_000
/** GitLab gives none for longer than a year. */
const lastsDays = 364
/** A known one that ends sooner is replaced. */
const renewDays = 30
const owner = 50

export interface WantedToken {
  groupId: number
  /** The one that Go Chat has now. */
  known: string | null
  /** Makes another even though GitLab has one whose secret nobody can read any more. */
  another: boolean
  now?: Date
}

/**
 * The token that Go Chat works with: of a bot that is Owner of the group and nothing else. `null` when there is one
 * whose secret is not here. `api` also covers git and the registry; Owner is needed to remove projects.
 */
export async function ensureToken(
  api: AdminApi,
  { groupId, known, another, now = new Date() }: WantedToken,
): Promise<Made<string | null>> {
  if (known !== null && (await isGood(api.as(known), now))) return { value: known, change: null }
  const path = `groups/${groupId}/access_tokens`
  if (known === null && !another) {
    const there = rowsOf(await api.must("list the group's tokens", "GET", `${path}?state=active&per_page=100`))
    if (there.some((token) => field(token, "name", "string") === name)) return { value: null, change: null }
  }
  const expires = new Date(now.getTime() + lastsDays * day).toISOString().slice(0, 10)
  const body = { name, scopes: ["api"], access_level: owner, expires_at: expires }
  const made = await api.must("make an access token of the group", "POST", path, body)
  return { value: mustField(made, "token", "string"), change: `Made an access token that lasts until ${expires}.` }
}

async function isGood(api: AdminApi, now: Date): Promise<boolean> {
  const self = await api.ask("GET", "personal_access_tokens/self")
  if (self?.status !== 200 || field(self.body, "revoked", "boolean") === true) return false
  const scopes = (self.body as { scopes?: unknown }).scopes
  if (!rowsOf(scopes).includes("api")) return false
  const expires = field(self.body, "expires_at", "string")
  return expires === null || Date.parse(expires) - now.getTime() > renewDays * day
}
