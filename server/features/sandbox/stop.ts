import type { Sandbox } from "../../../shared/sandbox.ts"
import type { Ctx } from "../../context.ts"
import { namedApp, type SandboxInput, sandboxView } from "./named.ts"

/** Puts to sleep; the next request wakes it. */
export async function stopSandbox(ctx: Ctx, input: SandboxInput): Promise<Sandbox> {
  const { project, sha } = await namedApp(ctx, input)
  await ctx.sandboxes.stop(project.id, input.kind, sha)
  return sandboxView(ctx, project, input.kind, sha)
}
