import { eq, sql } from "drizzle-orm"
import { streams } from "../../../drizzle/schema/event.ts"
import type { Transaction } from "../../lib/database.ts"

/**
 * Takes the right to write from whoever had it and returns the new number. Called, in the same transaction, when a
 * run is claimed and when one is ended from outside; it lives in the row that every append locks, so no late write
 * can slip between the check and the commit.
 */
export async function raiseFence(tx: Transaction, projectId: string): Promise<number> {
  const [row] = await tx
    .update(streams)
    .set({ fence: sql`${streams.fence} + 1` })
    .where(eq(streams.projectId, projectId))
    .returning({ fence: streams.fence })
  if (row === undefined) throw new Error(`project ${projectId} has no stream`)
  return row.fence
}
