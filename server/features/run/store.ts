import { and, eq, ne, sql } from "drizzle-orm"
import { user } from "../../../drizzle/schema/account.ts"
import { messages } from "../../../drizzle/schema/message.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import { versions } from "../../../drizzle/schema/version.ts"
import type { Queryable, Transaction } from "../../lib/database.ts"

export type RunRow = typeof runs.$inferSelect
export type MessageRow = typeof messages.$inferSelect

/** Of a run that never asked a model. */
export const noUsage = { input: 0, output: 0, cached: 0 } as const

/** Is a run of this project working or in line? */
export async function hasOpenRun(q: Queryable, projectId: string): Promise<boolean> {
  const [row] = await q
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.projectId, projectId), ne(runs.state, "finished")))
    .limit(1)
  return row !== undefined
}

export async function findRun(q: Queryable, projectId: string, runId: string): Promise<RunRow | null> {
  const [row] = await q
    .select()
    .from(runs)
    .where(and(eq(runs.id, runId), eq(runs.projectId, projectId)))
  return row ?? null
}

/** Is the run still held under its fence? */
export async function isHeld(q: Queryable, run: RunRow): Promise<boolean> {
  const now = await findRun(q, run.projectId, run.id)
  return now?.state === "running" && now.fence === run.fence
}

/** Ends a run, if it is still held under its fence. */
export async function finishRow(
  tx: Transaction,
  run: RunRow,
  set: Pick<typeof runs.$inferInsert, "outcome" | "error" | "usage" | "recoverable">,
): Promise<boolean> {
  const rows = await tx
    .update(runs)
    .set({ ...set, state: "finished", finishedAt: sql`now()`, leaseUntil: null, leaseHolder: null })
    .where(and(eq(runs.id, run.id), eq(runs.state, "running"), eq(runs.fence, run.fence)))
    .returning({ id: runs.id })
  return rows.length > 0
}

/** Did the run leave edits that can be taken? */
export async function setRecoverable(tx: Transaction, runId: string, recoverable: boolean): Promise<void> {
  await tx.update(runs).set({ recoverable }).where(eq(runs.id, runId))
}

/** The empty answer of a run that begins. */
export async function insertAnswer(tx: Transaction, run: RunRow, answerId: string): Promise<MessageRow> {
  const [row] = await tx
    .insert(messages)
    .values({ id: answerId, projectId: run.projectId, role: "assistant", runId: run.id, complete: false })
    .returning()
  if (row === undefined) throw new Error("an answer was not stored")
  return row
}

export async function findMessage(q: Queryable, messageId: string): Promise<MessageRow | null> {
  const [row] = await q.select().from(messages).where(eq(messages.id, messageId))
  return row ?? null
}

export async function completeAnswer(
  tx: Transaction,
  answerId: string,
  set: Pick<typeof messages.$inferInsert, "content" | "parts" | "codeBlocks" | "versionSha" | "tokensUsed">,
): Promise<void> {
  await tx
    .update(messages)
    .set({ ...set, complete: true })
    .where(eq(messages.id, answerId))
}

/** The version that a run made. */
export async function versionOf(q: Queryable, projectId: string, runId: string): Promise<string | null> {
  const [row] = await q
    .select({ sha: versions.sha })
    .from(versions)
    .where(and(eq(versions.projectId, projectId), eq(versions.runId, runId)))
  return row?.sha ?? null
}

export async function authorOf(q: Queryable, userId: string): Promise<{ name: string; email: string } | null> {
  const [row] = await q.select({ name: user.name, email: user.email }).from(user).where(eq(user.id, userId))
  return row ?? null
}
