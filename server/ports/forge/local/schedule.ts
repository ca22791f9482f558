import type { BuildStatus } from "../../../../shared/build.ts"
import type { PlannedJob } from "./plan.ts"

/** Where a job stands while its pipeline runs. */
export interface JobState {
  status: BuildStatus
  allowFailure: boolean
}

type Consumed = BuildStatus | "warning" | "ignored"

/**
 * The status that jobs have together, by GitLab's rules: a failure that is allowed is a success with a warning, an
 * optional manual job counts for nothing. `needs`: the jobs are what another one needs. null: there are none.
 */
export function composite(states: readonly JobState[], needs = false): BuildStatus | null {
  const set = new Set(states.map(consume))
  if (set.size === 0) return null
  const only = (...statuses: Consumed[]) => [...set].every((status) => statuses.includes(status))
  const any = (...statuses: Consumed[]) => statuses.some((status) => set.has(status))
  if (needs && any("skipped", "ignored")) return "skipped"
  if (only("skipped", "ignored")) return "skipped"
  if (only("success", "skipped", "warning", "ignored")) return "success"
  if (only("created", "warning", "ignored")) return "created"
  if (only("canceled", "success", "skipped", "warning", "ignored")) return "canceled"
  if (only("pending", "created", "skipped", "warning", "ignored")) return "pending"
  if (any("running", "pending")) return "running"
  if (any("manual")) return "manual"
  if (any("created")) return "running"
  return "failed"
}

function consume({ status, allowFailure }: JobState): Consumed {
  if (!allowFailure) return status
  if (status === "failed" || status === "canceled") return "warning"
  return status === "manual" ? "ignored" : status
}

export type Move = "run" | "skip" | "wait for a person"

/** What can be decided now: for each job that has not begun and whose turn has come, what becomes of it. */
export function nextMoves(
  jobs: readonly PlannedJob[],
  states: ReadonlyMap<string, JobState>,
  play: readonly string[],
): { job: PlannedJob; move: Move }[] {
  const stateOf = (name: string): JobState[] => {
    const state = states.get(name)
    return state === undefined ? [] : [state]
  }
  return jobs.flatMap((job): { job: PlannedJob; move: Move }[] => {
    if (states.get(job.name)?.status !== "created") return []
    const before = job.needs ?? jobs.filter((other) => other.stageIndex < job.stageIndex).map((other) => other.name)
    const status = composite(before.flatMap(stateOf), job.needs !== null) ?? "success"
    if (!["success", "failed", "canceled", "skipped"].includes(status)) return []
    if (!startsAfter(job).includes(status)) return [{ job, move: "skip" }]
    const waits = job.when === "manual" && !play.includes(job.name)
    return [{ job, move: waits ? "wait for a person" : "run" }]
  })
}

function startsAfter(job: PlannedJob): BuildStatus[] {
  if (job.when === "on_failure") return ["failed"]
  if (job.when === "always") return ["success", "failed", "skipped"]
  return job.needs === null ? ["success", "skipped"] : ["success"]
}
