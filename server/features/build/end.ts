import type { Services } from "../../context.ts"
import { holdProject } from "../chat/hold-project.ts"
import { appendEvents, type EventTx } from "../event/append.ts"
import { projectChanged } from "../project/changed.ts"
import { cancelJobs, lockBuild, updateBuild } from "./store.ts"
import { buildView } from "./view.ts"

/** Ends a build that no pipeline runs; does nothing when it is over or gone. */
export async function endBuild(
  ctx: Pick<Services, "config">,
  tx: EventTx,
  { projectId, id: buildId }: { projectId: string; id: string },
  end: { status: "canceled" | "failed"; error: string | null },
): Promise<void> {
  await holdProject(tx, projectId)
  const open = await lockBuild(tx, buildId)
  if (open === null || open.finishedAt !== null) return
  await cancelJobs(tx, buildId)
  const row = await updateBuild(tx, buildId, { ...end, stage: null, finishedAt: new Date() })
  if (row === null) return
  const build = await buildView(tx, row)
  appendEvents(tx, projectId, [{ type: "build.changed", build }], { subjectId: row.id })
  await projectChanged(ctx, tx, projectId)
}
