import type { z } from "zod"
import type { Sandbox, sandboxInput } from "../../../shared/sandbox.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { authorizeProject, type ProjectRow } from "../project/access.ts"
import { addressOf } from "./target.ts"

export type SandboxInput = z.infer<typeof sandboxInput>

/** The project, if the actor may use it, and the full commit that the input means; null for the draft. */
export async function namedApp(
  ctx: Ctx,
  { projectId, kind, sha }: SandboxInput,
): Promise<{ project: ProjectRow; sha: string | null }> {
  const project = await authorizeProject(ctx, projectId)
  if (kind === "draft") return { project, sha: null }
  if (kind === "live") return { project, sha: project.liveSha }
  if (sha === undefined) throw new AppError("bad_input", "A version is named by its commit.")
  const full = await ctx.repository.resolve(projectId, sha)
  if (full === null) throw new AppError("not_found")
  return { project, sha: full }
}

/** How it is now, with its address also before the first start. */
export function sandboxView(ctx: Ctx, { id, slug }: ProjectRow, kind: Sandbox["kind"], sha: string | null): Sandbox {
  const state = ctx.sandboxes.stateOf(id, kind, sha)
  const url = kind === "live" && sha === null ? null : addressOf(ctx.config, slug, { kind, ref: sha ?? "" })
  return { ...state, sha: state.sha ?? sha, url }
}
