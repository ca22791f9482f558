import type { Sandbox } from "../../../shared/sandbox.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { namedApp, type SandboxInput, sandboxView } from "./named.ts"

/** What starts quickly is ready in the answer; how the rest goes is told by events. */
const waitMs = 1_500

/** Starts what sleeps, and tries anew what failed. Why an app does not come up is part of its state, not an error. */
export async function startSandbox(ctx: Ctx, input: SandboxInput): Promise<Sandbox> {
  const { project, sha } = await namedApp(ctx, input)
  const waking = ctx.sandboxes.wake(project, input.kind, sha, true).catch((error: unknown) => {
    const told = error instanceof AppError && (error.kind === "sandbox_failed" || error.kind === "sandbox_timeout")
    if (!told) throw error
  })
  // Its failure is told by events when nobody waits any more.
  waking.catch(() => {})
  await Promise.race([waking, Bun.sleep(waitMs)])
  return sandboxView(ctx, project, input.kind, sha)
}
