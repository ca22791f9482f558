import { AppError } from "../../app-error.ts"
import type { Ctx, Services } from "../../context.ts"
import type { Version } from "../../../shared/version.ts"
import { holdProject } from "../chat/hold-project.ts"
import type { EventTx } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { authorizeProject } from "../project/access.ts"
import { isMerged } from "../forge/is-merged.ts"
import { projectChanged } from "../project/changed.ts"
import { findRow, hasNewerGreen, liveOf, newestGreen, setLive } from "./store.ts"
import { versionView } from "./view.ts"

/** Points live at a version whose checks passed. An older one stays live until the newest is published again. */
export async function publishVersion(ctx: Ctx, input: { projectId: string; sha: string }): Promise<Version> {
  const { id } = await authorizeProject(ctx, input.projectId)
  const wanted = await findRow(ctx.db, id, input.sha)
  if (wanted !== null && !(await isMerged(ctx, id, wanted.version.sha))) {
    throw new AppError(
      "conflict",
      "This version waits for its merge request in GitLab. Merging it there makes it live.",
    )
  }
  const version = await inTransaction(ctx, async (tx) => {
    await holdProject(tx, id)
    const found = await findRow(tx, id, input.sha)
    if (found === null) throw new AppError("not_found", "There is no such version.")
    if (found.buildStatus !== "success") throw new AppError("not_green")
    const { sha, number } = found.version
    await setLive(tx, id, { liveSha: sha, pinned: await hasNewerGreen(tx, id, number) })
    await projectChanged(ctx, tx, id)
    return versionView({ ...found, live: true })
  })
  ctx.sandboxes.prepareLive(id)
  return version
}

/** Lets live follow the newest version whose checks passed again. */
export async function unpinVersion(ctx: Ctx, input: { projectId: string }): Promise<{ live: Version | null }> {
  const { id } = await authorizeProject(ctx, input.projectId)
  const newest = await inTransaction(ctx, async (tx) => {
    await holdProject(tx, id)
    const newest = await newestGreen(tx, id)
    await setLive(tx, id, { pinned: false, ...(newest === null ? {} : { liveSha: newest.version.sha }) })
    await projectChanged(ctx, tx, id)
    return newest
  })
  ctx.sandboxes.prepareLive(id)
  return { live: newest === null ? null : versionView({ ...newest, live: true }) }
}

/** After green checks: the version goes live, unless a person pinned another one or a newer one is live already. */
export async function publishIfFollowing(
  _ctx: Pick<Services, "config">,
  tx: EventTx,
  projectId: string,
  sha: string,
): Promise<void> {
  await holdProject(tx, projectId)
  const [state, next] = [await liveOf(tx, projectId), await findRow(tx, projectId, sha)]
  if (state === null || next === null || state.pinned) return
  const live = state.liveSha === null ? null : await findRow(tx, projectId, state.liveSha)
  if (live !== null && live.version.number >= next.version.number) return
  await setLive(tx, projectId, { liveSha: next.version.sha, pinned: false })
}
