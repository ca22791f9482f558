import type { Build } from "../../../shared/build.ts"
import type { Project } from "../../../shared/project.ts"
import type { MergeRequest } from "./merge-request-link.tsx"

export interface MergeState {
  /** `waiting`: somebody has to merge it. `closed`: it was turned down. */
  type: "waiting" | "closed"
  request: MergeRequest
}

/** What keeps a version from going live although its checks pass; null when nothing does, as far as is known here. */
export function mergeStateOf(
  project: Pick<Project, "versionRoute" | "forge"> | null,
  build: Pick<Build, "branch"> | undefined,
): MergeState | null {
  const request = project?.forge?.mergeRequest ?? null
  if (project?.versionRoute !== "mergeRequest" || request === null || build?.branch !== request.branch) return null
  if (request.state === "merged") return null
  return { type: request.state === "opened" ? "waiting" : "closed", request }
}
