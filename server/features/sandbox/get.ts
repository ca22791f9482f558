import type { Sandbox } from "../../../shared/sandbox.ts"
import type { Ctx } from "../../context.ts"
import { namedApp, type SandboxInput, sandboxView } from "./named.ts"

/** How the draft, the live app or a version is. */
export async function getSandbox(ctx: Ctx, input: SandboxInput): Promise<Sandbox> {
  const { project, sha } = await namedApp(ctx, input)
  return sandboxView(ctx, project, input.kind, sha)
}
