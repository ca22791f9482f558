import type { Build, BuildStatus, Job } from "../../../shared/build.ts"
import { isBlocked } from "./build-words.ts"

export interface Stage {
  name: string
  jobs: Job[]
}

/** Jobs by stage, in the order in which the stages run. */
export function stagesOf(jobs: readonly Job[]): Stage[] {
  const stages = new Map<string, Job[]>()
  for (const job of jobs) stages.set(job.stage, [...(stages.get(job.stage) ?? []), job])
  return [...stages].map(([name, members]) => ({ name, jobs: members }))
}

/** What asks for attention first; of several that passed it is the last one. */
const order: readonly BuildStatus[] = [
  "failed",
  "running",
  "canceling",
  "preparing",
  "waiting_for_callback",
  "waiting_for_resource",
  "canceled",
  "pending",
]

/** The job a person wants to see: what failed, else what runs or is waited for, else the last one that did something. */
export function jobToShow({ status, jobs }: Pick<Build, "status" | "jobs">): Job | undefined {
  // Something optional that nobody started does not hold back checks that passed.
  const wanted = isBlocked(status) ? [...order, status] : order
  const first = wanted.map((state) => jobs.find((job) => job.status === state)).find((job) => job !== undefined)
  return first ?? jobs.findLast((job) => job.status === "success") ?? jobs[0]
}
