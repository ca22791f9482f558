import type { MessagePart } from "../../../shared/message.ts"
import type { Services } from "../../context.ts"
import { appendEvents, type EventTx } from "../event/append.ts"
import { projectChanged } from "../project/changed.ts"
import { insertMessage } from "./store.ts"
import { messageView } from "./view.ts"

/** A message that no wish asked for. The project must be held. */
export async function sayInProject(
  ctx: Pick<Services, "config">,
  tx: EventTx,
  { id, projectId, parts }: { id: string; projectId: string; parts: MessagePart[] },
): Promise<void> {
  const row = await insertMessage(tx, { id, projectId, role: "assistant", parts })
  if (row === null) return
  appendEvents(tx, projectId, [{ type: "message.created", message: messageView(row) }])
  await projectChanged(ctx, tx, projectId)
}
