import type { Services } from "../../context.ts"
import { holdProject } from "../chat/hold-project.ts"
import { appendEvents } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { projectChanged } from "../project/changed.ts"
import { dropQueued } from "./line-store.ts"
import { noUsage } from "./store.ts"

/** Takes a run that waits out of the line; its message stays. False when it does not wait (any more). */
export async function leaveLine(services: Services, projectId: string, runId: string): Promise<boolean> {
  return inTransaction(services, async (tx) => {
    await holdProject(tx, projectId)
    if ((await dropQueued(tx, projectId, runId)) === null) return false
    const news = {
      type: "run.finished" as const,
      runId,
      outcome: "stopped" as const,
      usage: noUsage,
      recoverable: false,
    }
    appendEvents(tx, projectId, [news], { subjectId: runId })
    await projectChanged(services, tx, projectId)
    return true
  })
}
