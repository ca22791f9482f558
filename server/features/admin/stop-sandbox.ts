import type { Services } from "../../context.ts"
import type { SandboxInput } from "../sandbox/named.ts"

/** Puts anybody's app to sleep; nothing is lost, and the next request wakes it. */
export async function stopAnySandbox(
  { sandboxes }: Pick<Services, "sandboxes">,
  { projectId, kind, sha }: SandboxInput,
): Promise<Record<string, never>> {
  await sandboxes.stop(projectId, kind, sha ?? null)
  return {}
}
