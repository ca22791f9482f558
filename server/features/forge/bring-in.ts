import type { Ctx } from "../../context.ts"
import { holdFiles } from "../file/hold-files.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { isWorking } from "../run/assert-idle.ts"
import { wakeDraft } from "../run/wake-draft.ts"
import { publishMerged } from "../version/publish-merged.ts"
import { recordHead } from "../version/reconcile.ts"
import { askAboutConflict } from "./ask-about-conflict.ts"

export type Brought =
  /** There is nothing that is not here. */
  | { type: "same" }
  /** The newest version holds it. */
  | { type: "brought"; sha: string }
  /** The AI is working. */
  | { type: "busy" }
  /** Both sides changed these files (none: the two have nothing in common). */
  | { type: "conflict"; paths: string[] }

const fetchMs = 60_000
const author = { name: "Go Chat", email: "go-chat@localhost" }

/** Makes commits of others a version; a conflict becomes a question in the conversation. Throws `RemoteGitError`. */
export async function bringIn(ctx: Ctx, projectId: string): Promise<Brought> {
  const theirs = await ctx.forge.remote?.fetch(projectId, AbortSignal.timeout(fetchMs))
  if (theirs === null || theirs === undefined) return { type: "same" }
  return holdFiles(projectId, async () => {
    // Its own look at the other side came when it began; it will be followed by another.
    if (await isWorking(ctx.db, projectId)) return { type: "busy" }
    const brought = await join(ctx, projectId, theirs)
    if (brought.type === "conflict") await askAboutConflict(ctx, projectId, brought.paths)
    await publishMerged(ctx, projectId)
    if (brought.type === "brought") wakeDraft(ctx, projectId)
    return brought
  })
}

/** As `bringIn`, for a run that is about to begin: nothing is asked, and `prefer` says whose files stay in a conflict. */
export async function bringInForRun(
  ctx: Ctx,
  projectId: string,
  { prefer, signal }: { prefer: "ours" | "theirs" | null; signal: AbortSignal },
): Promise<Brought> {
  const theirs = await ctx.forge.remote?.fetch(projectId, signal)
  if (theirs === null || theirs === undefined) return { type: "same" }
  return holdFiles(projectId, () => join(ctx, projectId, theirs, prefer ?? undefined))
}

async function join(ctx: Ctx, projectId: string, theirs: string, prefer?: "ours" | "theirs"): Promise<Brought> {
  const { repository } = ctx
  await recordHead(ctx, projectId)
  const ours = await repository.head(projectId)
  const place = ours === null ? "ahead" : await repository.compare(projectId, theirs, ours)
  if (place === "same" || place === "behind") return { type: "same" }
  if (place === "ahead") await repository.advance(projectId, { from: ours, to: theirs })
  else if (ours !== null) {
    const merged = await repository.merge(projectId, { ours, theirs, message: "Changes from GitLab", author, prefer })
    if (merged !== null && "conflict" in merged) return { type: "conflict", paths: merged.conflict }
  }
  const sha = (await repository.head(projectId)) ?? theirs
  // Before the version is told of, so that whoever looks then sees its files.
  await repository.checkout(projectId, sha, workspaceRoot(ctx.config, projectId))
  await recordHead(ctx, projectId)
  return { type: "brought", sha }
}
