import { sql } from "drizzle-orm"
import type { News } from "../../../shared/events.ts"
import type { Message } from "../../../shared/message.ts"
import { emptyState, reduce } from "../../../shared/reduce.ts"
import type { Queryable } from "../../lib/database.ts"
import { messageView, type MessageRow, type RunRow } from "./view.ts"

/** An answer that is still being written, made from its events in the log exactly as a client makes it. */
export async function openAnswer(q: Queryable, answer: MessageRow, run: Pick<RunRow, "eventsFrom">): Promise<Message> {
  const rows = await q.execute<{ seq: string; body: News; at: string }>(sql`
    select seq, body, at from events
    where project_id = ${answer.projectId} and seq > ${run.eventsFrom} and subject_id = ${answer.runId}
    order by seq`)
  let state = { ...emptyState, messages: [messageView(answer)] as readonly Message[] }
  for (const row of rows) state = reduce(state, { ...row.body, seq: Number(row.seq), at: row.at })
  return state.messages.find((message) => message.id === answer.id) ?? messageView(answer)
}
