import type { z } from "zod"
import type { sandboxLog } from "../../../shared/sandbox.ts"
import type { Ctx } from "../../context.ts"
import { cleanText } from "../../lib/clean-text.ts"
import { namedApp, type SandboxInput } from "./named.ts"

/** The last of what the app printed. */
export async function readSandboxLog(ctx: Ctx, input: SandboxInput): Promise<z.infer<typeof sandboxLog>> {
  const { project, sha } = await namedApp(ctx, input)
  return { text: cleanText(ctx.sandboxes.log(project.id, input.kind, sha)) }
}
