import { eq } from "drizzle-orm"
import { streams } from "../../../drizzle/schema/event.ts"
import { AppError } from "../../app-error.ts"
import type { Transaction } from "../../lib/database.ts"

/**
 * Makes this transaction the only writer of a project until it ends. The log's row is the first row that a writer
 * takes, before runs, messages and the project itself: two writers then never wait for each other.
 */
export async function holdProject(tx: Transaction, projectId: string): Promise<void> {
  const rows = await tx.select({ seq: streams.seq }).from(streams).where(eq(streams.projectId, projectId)).for("update")
  if (rows.length === 0) throw new AppError("not_found")
}
