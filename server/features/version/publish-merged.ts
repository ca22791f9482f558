import type { Ctx } from "../../context.ts"
import { inTransaction } from "../event/transaction.ts"
import { isMerged } from "../forge/is-merged.ts"
import { projectChanged } from "../project/changed.ts"
import { publishIfFollowing } from "./publish.ts"
import { listGreen, liveOf } from "./store.ts"

const looked = 20

/** After a merge: the newest green version that is on the forge's main branch goes live, unless another one is pinned. */
export async function publishMerged(ctx: Ctx, projectId: string): Promise<void> {
  for (const { version, live } of await listGreen(ctx.db, projectId, looked)) {
    if (live) return
    if (!(await isMerged(ctx, projectId, version.sha))) continue
    const published = await inTransaction(ctx, async (tx) => {
      const before = await liveOf(tx, projectId)
      await publishIfFollowing(ctx, tx, projectId, version.sha)
      const after = await liveOf(tx, projectId)
      if (before?.liveSha === after?.liveSha) return false
      await projectChanged(ctx, tx, projectId)
      return true
    })
    if (published) ctx.sandboxes.prepareLive(projectId)
    return
  }
}
