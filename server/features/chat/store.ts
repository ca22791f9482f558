import { and, asc, count, desc, eq, gte, inArray, lt, ne, or, sql } from "drizzle-orm"
import { messages } from "../../../drizzle/schema/message.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import type { Queryable } from "../../lib/database.ts"
import type { MessageRow, RunRow } from "./view.ts"

/** Stores a message; null when its id is taken. */
export async function insertMessage(q: Queryable, row: typeof messages.$inferInsert): Promise<MessageRow | null> {
  const [stored] = await q.insert(messages).values(row).onConflictDoNothing({ target: messages.id }).returning()
  return stored ?? null
}

export async function insertRun(q: Queryable, row: typeof runs.$inferInsert): Promise<RunRow> {
  const [stored] = await q.insert(runs).values(row).returning()
  if (stored === undefined) throw new Error("a run was not stored")
  return stored
}

export async function findMessage(q: Queryable, messageId: string): Promise<MessageRow | null> {
  const [row] = await q.select().from(messages).where(eq(messages.id, messageId))
  return row ?? null
}

export async function findRun(q: Queryable, projectId: string, runId: string): Promise<RunRow | null> {
  const [row] = await q
    .select()
    .from(runs)
    .where(and(eq(runs.id, runId), eq(runs.projectId, projectId)))
  return row ?? null
}

/** All runs of a message, oldest first. */
export async function runsOf(q: Queryable, messageId: string): Promise<RunRow[]> {
  return q.select().from(runs).where(eq(runs.messageId, messageId)).orderBy(asc(runs.position))
}

/** Must this queued run wait: for an earlier one of its project, or because the server is full? */
export async function mustWait(q: Queryable, run: RunRow, limit: number): Promise<boolean> {
  if (run.state !== "queued") return false
  const open = ne(runs.state, "finished")
  const earlier = and(open, eq(runs.projectId, run.projectId), lt(runs.position, run.position))
  const [row] = await q
    .select({
      earlier: count(sql`case when ${earlier} then 1 end`),
      ahead: count(sql`case when ${lt(runs.position, run.position)} then 1 end`),
    })
    .from(runs)
    .where(open)
  return row !== undefined && (row.earlier > 0 || row.ahead >= limit)
}

/** Is a run of this project working or in line? */
export async function hasOpenRun(q: Queryable, projectId: string): Promise<boolean> {
  const [row] = await q
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.projectId, projectId), ne(runs.state, "finished")))
    .limit(1)
  return row !== undefined
}

export async function updateMessage(
  q: Queryable,
  messageId: string,
  set: Partial<typeof messages.$inferInsert>,
): Promise<MessageRow> {
  const [row] = await q.update(messages).set(set).where(eq(messages.id, messageId)).returning()
  if (row === undefined) throw new Error(`message ${messageId} is gone`)
  return row
}

/** Takes a waiting message and its only run away. */
export async function deleteWish(q: Queryable, messageId: string): Promise<void> {
  await q.delete(runs).where(eq(runs.messageId, messageId))
  await q.delete(messages).where(eq(messages.id, messageId))
}

/** Hides a person's message, all later ones, and their answers; the ids of what was hidden, in order. */
export async function hideFrom(q: Queryable, message: MessageRow): Promise<string[]> {
  const wishes = q
    .select({ id: messages.id })
    .from(messages)
    .where(
      and(
        eq(messages.projectId, message.projectId),
        eq(messages.role, "user"),
        gte(messages.position, message.position),
      ),
    )
  const answers = q.select({ id: runs.id }).from(runs).where(inArray(runs.messageId, wishes))
  const hidden = await q
    .update(messages)
    .set({ hidden: true })
    .where(
      and(
        eq(messages.projectId, message.projectId),
        eq(messages.hidden, false),
        or(inArray(messages.id, wishes), and(eq(messages.role, "assistant"), inArray(messages.runId, answers))),
      ),
    )
    .returning({ id: messages.id, position: messages.position })
  return hidden.sort((a, b) => a.position - b.position).map((row) => row.id)
}

/** The newest messages before a position, oldest first. */
export async function pageOfMessages(
  q: Queryable,
  projectId: string,
  { before, limit }: { before: number | null; limit: number },
): Promise<MessageRow[]> {
  const rows = await q
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.projectId, projectId),
        eq(messages.hidden, false),
        before === null ? undefined : lt(messages.position, before),
      ),
    )
    .orderBy(desc(messages.position))
    .limit(limit)
  return rows.toReversed()
}

/** Runs of these messages that are not over, or ended otherwise than `completed`; oldest first. */
export async function openOrBrokenRuns(q: Queryable, messageIds: string[]): Promise<RunRow[]> {
  if (messageIds.length === 0) return []
  return q
    .select()
    .from(runs)
    .where(and(inArray(runs.messageId, messageIds), or(ne(runs.state, "finished"), ne(runs.outcome, "completed"))))
    .orderBy(asc(runs.position))
}
