import { and, asc, desc, eq, inArray, lt, ne, notExists, or, sql } from "drizzle-orm"
import { alias } from "drizzle-orm/pg-core"
import { streams } from "../../../drizzle/schema/event.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import type { Queryable, Transaction } from "../../lib/database.ts"
import { noUsage, type RunRow } from "./store.ts"

/** How long a claim holds without being renewed. */
const leaseSeconds = 10
const leaseEnd = sql`now() + make_interval(secs => ${leaseSeconds})`

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
