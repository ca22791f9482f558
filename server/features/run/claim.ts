import type { Services } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { messageView } from "../chat/view.ts"
import { appendEvents } from "../event/append.ts"
import { raiseFence } from "../event/fence.ts"
import { inTransaction } from "../event/transaction.ts"
import { projectChanged } from "../project/changed.ts"
import { anyClaimable, begin, holdNext, setFence } from "./line-store.ts"
import { insertAnswer, type MessageRow, type RunRow } from "./store.ts"

/** A run that this process works on from now on, with its empty answer. */
export interface Claim {
  run: RunRow
  answer: MessageRow
}

/** Takes the next run out of the line; `busy` when there is one whose project somebody writes to just now. */
export async function claimNext(services: Services, holder: string): Promise<Claim | "none" | "busy"> {
  const limit = services.config.maxConcurrentChats
  const claim = await inTransaction(services, async (tx): Promise<Claim | "none" | "busy"> => {
    const next = await holdNext(tx, limit)
    if (next === null) return "none"
    const answerId = newId()
    const taken = await begin(tx, { runId: next.runId, holder, answerId })
    // It was taken, changed or removed before its project was held.
    if (taken === null) return "busy"
    const { projectId } = taken
    const answer = await insertAnswer(tx, taken, answerId)
    const run = await setFence(tx, taken, { fence: await raiseFence(tx, projectId), begins: true })
    const created = { type: "message.created" as const, message: messageView(answer) }
    appendEvents(tx, projectId, [{ type: "run.started", runId: run.id }, created], { subjectId: run.id })
    await projectChanged(services, tx, projectId)
    return { run, answer }
  })
  if (claim !== "none") return claim
  return (await anyClaimable(services.db, limit)) ? "busy" : "none"
}
