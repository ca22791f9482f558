import { and, desc, eq, exists, isNotNull, ne, or, sql } from "drizzle-orm"
import { builds } from "../../../drizzle/schema/build.ts"
import { messages } from "../../../drizzle/schema/message.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import type { BuildStatus } from "../../../shared/build.ts"
import type { Queryable } from "../../lib/database.ts"
import type { MessageRow, RunRow } from "./store.ts"

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
