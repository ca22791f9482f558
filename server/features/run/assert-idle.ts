import { AppError } from "../../app-error.ts"
import type { Queryable } from "../../lib/database.ts"
import { hasOpenRun } from "./store.ts"

/** Does a run of the project work or wait in line? */
export const isWorking = (q: Queryable, projectId: string): Promise<boolean> => hasOpenRun(q, projectId)

/** Throws `run_active` while a run of the project works or waits in line: only it may write then. */
export async function assertNoRun(q: Queryable, projectId: string): Promise<void> {
  if (await hasOpenRun(q, projectId)) throw new AppError("run_active")
}
