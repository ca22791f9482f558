import type { Version } from "../../../shared/version.ts"
import type { Services } from "../../context.ts"
import { cleanText } from "../../lib/clean-text.ts"
import type { CommitInfo } from "../../ports/repository/port.ts"
import { queueBuild } from "../build/queue.ts"
import { holdProject } from "../chat/hold-project.ts"
import { appendEvents, type EventTx } from "../event/append.ts"
import { findRow, forgeUrlOf, insertRow } from "./store.ts"
import { versionView } from "./view.ts"
import { firstLine } from "./words.ts"

/** Makes a commit a version: its row, the news of it, and its checks in line. The same commit twice is one version. */
export async function recordVersion(
  ctx: Pick<Services, "config">,
  tx: EventTx,
  projectId: string,
  { sha, files, added, removed }: CommitInfo,
  { runId, title }: { runId: string | null; title: string },
): Promise<Version> {
  await holdProject(tx, projectId)
  const row = { projectId, sha, files, added, removed, runId, title: firstLine(cleanText(title)) }
  const made = await insertRow(tx, row)
  if (made === null) return knownVersion(tx, projectId, sha)
  // The build of the next lines is in the line when this is read.
  const forgeUrl = await forgeUrlOf(tx, projectId)
  const version = versionView({ version: made, buildStatus: "created", live: false, forgeUrl })
  appendEvents(tx, projectId, [{ type: "version.created", version }], { subjectId: runId ?? undefined })
  await queueBuild(ctx, tx, projectId, { sha, runId })
  return version
}

async function knownVersion(tx: EventTx, projectId: string, sha: string): Promise<Version> {
  const known = await findRow(tx, projectId, sha)
  if (known === null) throw new Error(`version ${sha} is neither new nor known`)
  return versionView(known)
}
