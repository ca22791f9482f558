import type { AdminSandboxes } from "../../../shared/admin.ts"
import type { Services } from "../../context.ts"
import { awakeApps } from "../sandbox/awake.ts"

/** What runs apps here and which are awake: names and use, never what is in them. */
export async function listSandboxes(services: Services): Promise<AdminSandboxes> {
  const { sandbox, config } = services
  const awake = await awakeApps(services)
  return {
    mode: sandbox.mode,
    isolation: sandbox.isolation,
    egress: sandbox.mode === "docker" ? config.sandboxEgress : null,
    warning: sandbox.warning,
    running: awake.map(({ app: { target, state, since, usedAt }, project }) => ({
      projectId: project.id,
      title: project.title,
      slug: project.slug,
      owner: project.owner.email,
      kind: target.kind,
      sha: target.ref === "" ? null : target.ref,
      state,
      since: since.toISOString(),
      usedAt: usedAt.toISOString(),
    })),
  }
}
