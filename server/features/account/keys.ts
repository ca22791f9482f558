import type { z } from "zod"
import type { ApiKey, keyCreated } from "../../../shared/account.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { cleanText } from "../../lib/clean-text.ts"
import { personId, signedInId } from "./person.ts"
import { deleteKey, listKeys } from "./store.ts"

type KeyCreated = z.infer<typeof keyCreated>

/** Keys of this person, newest first. The secrets are not here: only their hashes are kept. */
export async function keysOf(ctx: Ctx): Promise<ApiKey[]> {
  const rows = await listKeys(ctx.db, personId(ctx))
  return rows.map(keyView)
}

/** A new key; its secret is in this answer and nowhere else. */
export async function createKey(ctx: Ctx, input: { name: string }): Promise<KeyCreated> {
  const made = await ctx.auth.api.createApiKey({ body: { name: cleanText(input.name), userId: signedInId(ctx) } })
  return { ...keyView(made), key: made.key }
}

/** Ends a key and what it watches. */
export async function removeKey(ctx: Ctx, input: { keyId: string }): Promise<Record<string, never>> {
  if (!(await deleteKey(ctx.db, signedInId(ctx), input.keyId))) throw new AppError("not_found")
  ctx.auth.sessions.end(input.keyId)
  return {}
}

function keyView(row: {
  id: string
  name: string | null
  start: string | null
  createdAt: Date
  lastRequest: Date | null
}): ApiKey {
  return {
    id: row.id,
    name: row.name ?? "",
    start: row.start,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastRequest?.toISOString() ?? null,
  }
}
