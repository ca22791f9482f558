import type { RunningApp } from "../../../shared/sandbox.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { awakeApps } from "./awake.ts"
import { addressOf } from "./target.ts"

/** What counts for this person's limit now, over all projects, last used first. */
export async function listRunning(ctx: Ctx): Promise<RunningApp[]> {
  const { actor, config } = ctx
  if (actor.type === "system") throw new AppError("forbidden")
  const awake = await awakeApps(ctx)
  return awake
    .filter(({ project }) => project.owner.id === actor.userId)
    .map(({ app: { target, state, usedAt }, project }) => ({
      projectId: project.id,
      title: project.title,
      kind: target.kind,
      sha: target.ref === "" ? null : target.ref,
      state,
      url: addressOf(config, project.slug, target),
      usedAt: usedAt.toISOString(),
    }))
}
