import type { Services } from "../../context.ts"
import { appendEvents, type EventTx } from "../event/append.ts"
import { projectView } from "./view.ts"

/** Tells the project's watchers how it is now, as this transaction sees it. */
export async function projectChanged(ctx: Pick<Services, "config">, tx: EventTx, projectId: string): Promise<void> {
  const project = await projectView(tx, ctx.config, projectId)
  appendEvents(tx, projectId, [{ type: "project.changed", project }])
}
