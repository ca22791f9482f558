import { and, count, desc, eq, gt, isNull, ne, or, sql } from "drizzle-orm"
import { account, apikey, session, user } from "../../../drizzle/schema/account.ts"
import { projectMembers } from "../../../drizzle/schema/project.ts"
import type { Queryable, Transaction } from "../../lib/database.ts"

export type UserRow = typeof user.$inferSelect

export async function findUser(q: Queryable, userId: string): Promise<UserRow | null> {
  const [row] = await q.select().from(user).where(eq(user.id, userId))
  return row ?? null
}

export async function anyUser(q: Queryable): Promise<boolean> {
  const rows = await q.select({ id: user.id }).from(user).limit(1)
  return rows.length > 0
}

export async function renameUser(q: Queryable, userId: string, name: string): Promise<void> {
  await q.update(user).set({ name, updatedAt: new Date() }).where(eq(user.id, userId))
}

export async function deleteUser(q: Queryable, userId: string): Promise<void> {
  await q.delete(user).where(eq(user.id, userId))
}

/** Locks the admins, so that two of them cannot leave at once. */
export async function isOnlyAdminOfOthers(tx: Transaction, userId: string): Promise<boolean> {
  const admins = await tx
    .select({ id: user.id })
    .from(user)
    .where(eq(user.role, "admin"))
    .orderBy(user.id)
    .for("update")
  if (admins.length !== 1 || admins[0]?.id !== userId) return false
  const [others] = await tx.select({ count: count() }).from(user).where(ne(user.id, userId))
  return (others?.count ?? 0) > 0
}

export async function readPasswordHash(q: Queryable, userId: string): Promise<string | null> {
  const [row] = await q
    .select({ password: account.password })
    .from(account)
    .where(and(eq(account.userId, userId), eq(account.providerId, "credential")))
  return row?.password ?? null
}

export async function listSessions(q: Queryable, userId: string) {
  return q
    .select()
    .from(session)
    .where(and(eq(session.userId, userId), gt(session.expiresAt, sql`now()`)))
    .orderBy(desc(session.updatedAt), session.id)
}

/** Whether there was one. */
export async function deleteSession(q: Queryable, userId: string, sessionId: string): Promise<boolean> {
  const rows = await q
    .delete(session)
    .where(and(eq(session.id, sessionId), eq(session.userId, userId)))
    .returning({ id: session.id })
  return rows.length > 0
}

const usableKey = and(eq(apikey.enabled, true), or(isNull(apikey.expiresAt), gt(apikey.expiresAt, sql`now()`)))

export async function listKeys(q: Queryable, userId: string) {
  return q
    .select()
    .from(apikey)
    .where(and(eq(apikey.referenceId, userId), usableKey))
    .orderBy(desc(apikey.createdAt), apikey.id)
}

/** Whether there was one. `keyId` comes from outside and need not be a UUID. */
export async function deleteKey(q: Queryable, userId: string, keyId: string): Promise<boolean> {
  const rows = await q
    .delete(apikey)
    .where(and(sql`${apikey.id}::text = ${keyId}`, eq(apikey.referenceId, userId)))
    .returning({ id: apikey.id })
  return rows.length > 0
}

/** Whose key this is the hash of, if it may be used. */
export async function findKeyOwner(q: Queryable, hash: string) {
  const [row] = await q
    .select({ keyId: apikey.id, userId: user.id, role: user.role, usedAt: apikey.lastRequest })
    .from(apikey)
    .innerJoin(user, eq(user.id, apikey.referenceId))
    .where(and(eq(apikey.key, hash), usableKey, eq(user.banned, false)))
  return row ?? null
}

export async function touchKey(q: Queryable, keyId: string): Promise<void> {
  await q.update(apikey).set({ lastRequest: new Date() }).where(eq(apikey.id, keyId))
}

/** Those of these sessions and keys that are still good. */
export async function readAlive(q: Queryable, ids: string[]): Promise<Set<string>> {
  const rows = await q.execute<{ id: string }>(sql`
    select s.id from session s join "user" u on u.id = s.user_id
    where s.id = any(${sql.param(ids)}::uuid[]) and s.expires_at > now() and not u.banned
    union all
    select k.id from apikey k join "user" u on u.id = k.reference_id
    where k.id = any(${sql.param(ids)}::uuid[]) and k.enabled and (k.expires_at is null or k.expires_at > now())
      and not u.banned`)
  return new Set(rows.map((row) => row.id))
}

export async function listOwnedProjectIds(q: Queryable, userId: string): Promise<string[]> {
  const rows = await q
    .select({ id: projectMembers.projectId })
    .from(projectMembers)
    .where(and(eq(projectMembers.userId, userId), eq(projectMembers.role, "owner")))
  return rows.map((row) => row.id)
}
