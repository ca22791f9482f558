import type { ProjectRow } from "../../features/project/access.ts"
import type { SandboxKind } from "../../../shared/sandbox.ts"
import type { Services } from "../../context.ts"
import type { Endpoint } from "../../ports/sandbox/port.ts"

/** What an address leads to, after it was found and allowed. */
export interface Target {
  project: ProjectRow & { slug: string }
  kind: SandboxKind
  /** Full commit of a version, live commit, or null for the draft. */
  sha: string | null
  /** Only members may look. */
  guarded: boolean
}

/** Whose room a request takes: a draft that hangs leaves the live app alone. */
export const crowdName = ({ project, kind }: Target): string => `${project.id} ${kind}`

/** A request waits this long for an app that starts; then it gets a page that looks again by itself. */
const startMs = 20_000
/** How often an open stream says that somebody is still looking. */
const usedMs = 30_000

/** Starts what sleeps, waits until it answers, and counts as use of it. */
export async function wake({ sandboxes }: Services, target: Target): Promise<Endpoint> {
  const endpoint = await sandboxes.wake(target.project, target.kind, target.sha)
  touch({ sandboxes }, target)
  return endpoint
}

/** The same, but null when it takes too long to wait for. */
export async function wakeInTime(services: Services, target: Target, ms = startMs): Promise<Endpoint | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), ms)
  try {
    return await Promise.race([wake(services, target), promise])
  } finally {
    clearTimeout(timer)
  }
}

export function touch({ sandboxes }: Pick<Services, "sandboxes">, { project, kind, sha }: Target): void {
  sandboxes.touch({ projectId: project.id, kind, ref: sha ?? "" })
}

/** Keeps it in use until the returned function is called. */
export function keepInUse(services: Pick<Services, "sandboxes">, target: Target): () => void {
  const timer = setInterval(() => touch(services, target), usedMs)
  return () => {
    clearInterval(timer)
    touch(services, target)
  }
}
