import type { BuildStatus, Job } from "../../../shared/build.ts"

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

const order: readonly BuildStatus[] = ["failed", "running", "canceled", "pending", "success"]

/** The job a person wants to see: what failed, else what runs, else the last one that did something. */
export function jobToShow(jobs: readonly Job[]): Job | undefined {
  for (const status of order) {
    const found =
      status === "success" ? jobs.findLast((job) => job.status === status) : jobs.find((job) => job.status === status)
    if (found !== undefined) return found
  }
  return jobs[0]
}
