import type { BuildStatus } from "../../../../shared/build.ts"
import type { Job } from "../world.ts"

type Seen = BuildStatus | "warning" | "ignored"

/** The state of a pipeline out of those of its jobs, by GitLab's own rules. */
export function compositeStatus(jobs: readonly Job[]): BuildStatus {
  const set = new Set(jobs.map(seen))
  const only = (...of: Seen[]) => [...set].every((status) => of.includes(status))
  const quiet: Seen[] = ["warning", "ignored"]
  if (only("skipped", "ignored")) return "skipped"
  if (only("success", "skipped", ...quiet)) return "success"
  if (only("created", ...quiet)) return "created"
  if (only("preparing", ...quiet)) return "preparing"
  if (only("canceled", "success", "skipped", ...quiet)) return "canceled"
  if (set.has("canceling")) return "canceling"
  if (only("pending", "created", "skipped", ...quiet)) return "pending"
  if (set.has("running") || set.has("pending")) return "running"
  for (const status of ["waiting_for_resource", "waiting_for_callback", "manual", "scheduled", "preparing"] as const) {
    if (set.has(status)) return status
  }
  return set.has("created") ? "running" : "failed"
}

function seen({ status, allowFailure }: Job): Seen {
  if (!allowFailure) return status
  if (status === "failed" || status === "canceled") return "warning"
  return status === "manual" ? "ignored" : status
}
