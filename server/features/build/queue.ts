import type { Build } from "../../../shared/build.ts"
import type { Services } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { appendEvents, type EventTx } from "../event/append.ts"
import { projectChanged } from "../project/changed.ts"
import { cancelWaiting, insertBuild } from "./store.ts"
import { buildOf } from "./view.ts"

/**
 * Puts the checks of a version in line. Like GitLab, builds of older versions that have not begun are canceled: the
 * newest decides. The engine hears of it with the commit, through `project.changed`.
 */
export async function queueBuild(
  ctx: Pick<Services, "config">,
  tx: EventTx,
  projectId: string,
  version: { sha: string; runId: string | null },
): Promise<Build> {
  for (const row of await cancelWaiting(tx, projectId, "A newer version came before these checks began")) {
    appendEvents(tx, projectId, [{ type: "build.changed", build: buildOf(row, []) }], { subjectId: row.id })
  }
  const build = buildOf(await insertBuild(tx, { id: newId(), projectId, ...version }), [])
  appendEvents(tx, projectId, [{ type: "build.changed", build }], { subjectId: build.id })
  await projectChanged(ctx, tx, projectId)
  return build
}
