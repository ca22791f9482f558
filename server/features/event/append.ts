import type { News } from "../../../shared/events.ts"
import type { Transaction } from "../../lib/database.ts"

declare const opened: unique symbol

/** A transaction opened by `inTransaction`: the only kind that can append events. */
export type EventTx = Transaction & { readonly [opened]: true }

/** The claim under which a run writes. */
export interface Fence {
  runId: string
  fence: number
}

/** The run was claimed by another server, or ended from outside: nothing was stored. */
export class FenceLost extends Error {
  override readonly name = "FenceLost"

  constructor(readonly projectId: string) {
    super(`the run of project ${projectId} is no longer ours`)
  }
}

export interface QueuedEvent {
  projectId: string
  news: News
  subjectId: string | null
  fence: number | null
}

const queues = new WeakMap<Transaction, QueuedEvent[]>()

/** Marks a transaction as able to append, and gives the list that its end will store. */
export function openQueue(tx: Transaction): { tx: EventTx; queue: QueuedEvent[] } {
  const queue: QueuedEvent[] = []
  queues.set(tx, queue)
  return { tx: tx as EventTx, queue }
}

/**
 * The only door to the event log. The events are numbered and stored as the last statement of the transaction,
 * in the order given, and published after its commit. `subjectId` is the run or build they belong to.
 * With a `fence` that is no longer the newest the transaction ends in `FenceLost` and leaves nothing behind.
 */
export function appendEvents(
  tx: EventTx,
  projectId: string,
  events: readonly News[],
  options: { subjectId?: string; fence?: Fence } = {},
): void {
  const queue = queues.get(tx)
  if (queue === undefined) throw new Error("appendEvents needs a transaction of inTransaction")
  const subjectId = options.subjectId ?? options.fence?.runId ?? null
  for (const news of events) queue.push({ projectId, news, subjectId, fence: options.fence?.fence ?? null })
}
