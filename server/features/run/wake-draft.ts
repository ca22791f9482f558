import type { Ctx } from "../../context.ts"
import { authorizeProject } from "../project/access.ts"

/** Starts the draft in the background, so that it is up when somebody looks; its own events tell how that goes. */
export function wakeDraft(ctx: Ctx, projectId: string): void {
  void wake(ctx, projectId).catch((error: unknown) =>
    ctx.log.info({ err: error, projectId }, "the draft did not start"),
  )
}

async function wake(ctx: Ctx, projectId: string): Promise<void> {
  // Read again: it has got its slug since.
  const { id, slug, liveSha } = await authorizeProject(ctx, projectId)
  await ctx.sandboxes.wake({ id, slug, liveSha }, "draft", null)
}
