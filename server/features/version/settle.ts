import type { Version } from "../../../shared/version.ts"
import type { Ctx } from "../../context.ts"
import type { CommitInfo } from "../../ports/repository/port.ts"
import type { EventTx } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { wakeDraft } from "../run/wake-draft.ts"
import { recordVersion } from "./record.ts"

/** The version of a commit that a person made outside of a run: recorded, its checks started, its draft shown. */
export async function settleCommit(
  ctx: Ctx,
  projectId: string,
  commit: CommitInfo,
  facts: { runId: string | null; title: string },
  also: (tx: EventTx) => Promise<void> = async () => {},
): Promise<Version> {
  const version = await inTransaction(ctx, async (tx) => {
    const made = await recordVersion(ctx, tx, projectId, commit, facts)
    await also(tx)
    return made
  })
  ctx.builds.kick()
  wakeDraft(ctx, projectId)
  return version
}
