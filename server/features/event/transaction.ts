import type { Services } from "../../context.ts"
import { type EventTx, openQueue } from "./append.ts"
import { storeQueue } from "./store.ts"
import type { StoredEvent } from "./stored-event.ts"

/**
 * Facts and news in one transaction: runs `work`, stores what it appended, commits, then publishes.
 * Whatever `work` throws rolls all of it back. Never await a network, a model or a process inside.
 */
export async function inTransaction<T>(
  ctx: Pick<Services, "db" | "hub">,
  work: (tx: EventTx) => Promise<T>,
): Promise<T> {
  let stored: StoredEvent[] = []
  const result = await ctx.db.transaction(async (transaction) => {
    const { tx, queue } = openQueue(transaction)
    const value = await work(tx)
    stored = await storeQueue(transaction, queue, ctx.hub.notifies)
    return value
  })
  ctx.hub.publish(stored)
  return result
}
