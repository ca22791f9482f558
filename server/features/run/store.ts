import { and, asc, desc, eq, exists, inArray, isNotNull, lt, ne, notExists, or, sql } from "drizzle-orm"
import { alias } from "drizzle-orm/pg-core"
import { user } from "../../../drizzle/schema/account.ts"
import { builds } from "../../../drizzle/schema/build.ts"
import { streams } from "../../../drizzle/schema/event.ts"
import { messages } from "../../../drizzle/schema/message.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import { versions } from "../../../drizzle/schema/version.ts"
import type { BuildStatus } from "../../../shared/build.ts"
import type { Queryable, Transaction } from "../../lib/database.ts"

export type RunRow = typeof runs.$inferSelect
export type MessageRow = typeof messages.$inferSelect

/** How long a claim holds without being renewed. */
const leaseSeconds = 10
/** Of a run that never asked a model. */
export const noUsage = { input: 0, output: 0, cached: 0 } as const
const leaseEnd = sql`now() + make_interval(secs => ${leaseSeconds})`

/** Is a run of this project working or in line? */
export async function hasOpenRun(q: Queryable, projectId: string): Promise<boolean> {
  const [row] = await q
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.projectId, projectId), ne(runs.state, "finished")))
    .limit(1)
  return row !== undefined
}

/** First in line of a project where none is running, while fewer than `limit` are running in all. */
function claimable(q: Queryable, limit: number) {
  const other = alias(runs, "other")
  const before = q
    .select({ one: sql`1` })
    .from(other)
    .where(
      and(
        eq(other.projectId, runs.projectId),
        or(eq(other.state, "running"), and(eq(other.state, "queued"), lt(other.position, runs.position))),
      ),
    )
  const running = sql`(select count(*) from runs where state = 'running')`
  return and(eq(runs.state, "queued"), notExists(before), sql`${running} < ${limit}`)
}

/**
 * The run that is next, with its project held for this transaction; null when there is none, or only such whose
 * projects are held by somebody else just now.
 */
export async function holdNext(tx: Transaction, limit: number): Promise<{ runId: string; projectId: string } | null> {
  const [row] = await tx
    .select({ runId: runs.id, projectId: runs.projectId })
    .from(runs)
    .innerJoin(streams, eq(streams.projectId, runs.projectId))
    .where(claimable(tx, limit))
    .orderBy(asc(runs.position))
    .limit(1)
    .for("update", { of: streams, skipLocked: true })
  return row ?? null
}

/** Is there a run that could begin? */
export async function anyClaimable(q: Queryable, limit: number): Promise<boolean> {
  const [row] = await q.select({ id: runs.id }).from(runs).where(claimable(q, limit)).limit(1)
  return row !== undefined
}

/** Begins a run that is still in line; null when it is not. */
export async function begin(
  tx: Transaction,
  { runId, holder, answerId }: { runId: string; holder: string; answerId: string },
): Promise<RunRow | null> {
  const [row] = await tx
    .update(runs)
    .set({ state: "running", answerId, leaseHolder: holder, leaseUntil: leaseEnd, startedAt: sql`now()` })
    .where(and(eq(runs.id, runId), eq(runs.state, "queued")))
    .returning()
  return row ?? null
}

/** Notes under which fence a run writes; `begins`: and that its events come after what is in the log now. */
export async function setFence(
  tx: Transaction,
  run: RunRow,
  { fence, begins }: { fence: number; begins: boolean },
): Promise<RunRow> {
  const seq = tx.select({ seq: streams.seq }).from(streams).where(eq(streams.projectId, run.projectId))
  const [row] = await tx
    .update(runs)
    .set(begins ? { fence, eventsFrom: sql`(${seq})` } : { fence })
    .where(eq(runs.id, run.id))
    .returning()
  if (row === undefined) throw new Error(`run ${run.id} is gone`)
  return row
}

/** Holds these runs for another ten seconds; those that are no longer held by `holder` are missing from the answer. */
export async function renewLeases(q: Queryable, holder: string, runIds: string[]): Promise<string[]> {
  const rows = await q
    .update(runs)
    .set({ leaseUntil: leaseEnd })
    .where(and(inArray(runs.id, runIds), eq(runs.leaseHolder, holder), eq(runs.state, "running")))
    .returning({ id: runs.id })
  return rows.map((row) => row.id)
}

/** Those of these runs that somebody, perhaps through another process, wants stopped. */
export async function stopsAskedFor(q: Queryable, runIds: string[]): Promise<string[]> {
  const rows = await q
    .select({ id: runs.id })
    .from(runs)
    .where(and(inArray(runs.id, runIds), eq(runs.stopRequested, true)))
  return rows.map((row) => row.id)
}

export async function askToStop(q: Queryable, projectId: string, runId: string): Promise<void> {
  await q
    .update(runs)
    .set({ stopRequested: true })
    .where(and(eq(runs.id, runId), eq(runs.projectId, projectId), eq(runs.state, "running")))
}

/** Ends a run that has not begun; null when it is not in line (any more). */
export async function dropQueued(q: Queryable, projectId: string, runId: string): Promise<RunRow | null> {
  const [row] = await q
    .update(runs)
    .set({ state: "finished", outcome: "stopped", usage: noUsage, finishedAt: sql`now()` })
    .where(and(eq(runs.id, runId), eq(runs.projectId, projectId), eq(runs.state, "queued")))
    .returning()
  return row ?? null
}

export async function openRunIds(q: Queryable, projectId: string): Promise<string[]> {
  const rows = await q
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.projectId, projectId), ne(runs.state, "finished")))
    // The last in line first, so that none moves up meanwhile.
    .orderBy(desc(runs.position))
  return rows.map((row) => row.id)
}

export async function findRun(q: Queryable, projectId: string, runId: string): Promise<RunRow | null> {
  const [row] = await q
    .select()
    .from(runs)
    .where(and(eq(runs.id, runId), eq(runs.projectId, projectId)))
  return row ?? null
}

/** Running runs that nobody works on: all of them, or those whose lease is over. */
export async function abandonedRuns(q: Queryable, which: "all" | "expired"): Promise<RunRow[]> {
  const expired = which === "all" ? undefined : lt(runs.leaseUntil, sql`now()`)
  return q
    .select()
    .from(runs)
    .where(and(eq(runs.state, "running"), expired))
    .orderBy(asc(runs.position))
}

/** Takes over a run that nobody works on; null when somebody else was faster, or its holder is alive after all. */
export async function takeOver(
  tx: Transaction,
  run: RunRow,
  { holder, which }: { holder: string; which: "all" | "expired" },
): Promise<RunRow | null> {
  const expired = which === "all" ? undefined : lt(runs.leaseUntil, sql`now()`)
  const [row] = await tx
    .update(runs)
    .set({ leaseHolder: holder, leaseUntil: leaseEnd })
    .where(and(eq(runs.id, run.id), eq(runs.state, "running"), eq(runs.fence, run.fence), expired))
    .returning()
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

export interface PastMessage {
  message: MessageRow
  /** The wish that an answer belongs to. */
  wishId: string | null
  outcome: RunRow["outcome"]
}

/** The newest finished messages of a conversation, oldest first, without one wish and what was answered to it. */
export async function pastMessages(q: Queryable, wish: MessageRow, limit: number): Promise<PastMessage[]> {
  const own = q
    .select({ one: sql`1` })
    .from(runs)
    .where(and(eq(runs.messageId, messages.id), eq(runs.state, "finished"), isNotNull(runs.answerId)))
  const rows = await q
    .select({ message: messages, wishId: runs.messageId, outcome: runs.outcome })
    .from(messages)
    .leftJoin(runs, eq(runs.id, messages.runId))
    .where(
      and(
        eq(messages.projectId, wish.projectId),
        eq(messages.hidden, false),
        eq(messages.complete, true),
        ne(runs.messageId, wish.id),
        or(eq(messages.role, "assistant"), exists(own)),
      ),
    )
    .orderBy(desc(messages.position))
    .limit(limit)
  return rows.toReversed()
}

/** The newest finished answer to a wish, and how its run ended. */
export async function answerBefore(
  q: Queryable,
  wishId: string,
  runId: string,
): Promise<{ run: RunRow; answer: MessageRow } | null> {
  const [row] = await q
    .select({ run: runs, answer: messages })
    .from(runs)
    .innerJoin(messages, eq(messages.id, runs.answerId))
    .where(and(eq(runs.messageId, wishId), eq(runs.state, "finished"), ne(runs.id, runId)))
    .orderBy(desc(runs.position))
    .limit(1)
  return row ?? null
}

/** The version that a run made. */
export async function versionOf(q: Queryable, projectId: string, runId: string): Promise<string | null> {
  const [row] = await q
    .select({ sha: versions.sha })
    .from(versions)
    .where(and(eq(versions.projectId, projectId), eq(versions.runId, runId)))
  return row?.sha ?? null
}

/** How the checks of the newest version went. */
export async function lastBuild(
  q: Queryable,
  projectId: string,
): Promise<{ status: BuildStatus; error: string | null } | null> {
  const [row] = await q
    .select({ status: builds.status, error: builds.error })
    .from(builds)
    .where(eq(builds.projectId, projectId))
    .orderBy(desc(builds.position))
    .limit(1)
  return row ?? null
}

export async function authorOf(q: Queryable, userId: string): Promise<{ name: string; email: string } | null> {
  const [row] = await q.select({ name: user.name, email: user.email }).from(user).where(eq(user.id, userId))
  return row ?? null
}
