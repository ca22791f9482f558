import type { Queryable } from "../../lib/database.ts"
import { readStream } from "./store.ts"

/** Number of the last event of a project, as this snapshot of the database sees it; null when there is no such project. */
export async function logPosition(q: Queryable, projectId: string): Promise<number | null> {
  return (await readStream(q, projectId))?.seq ?? null
}
