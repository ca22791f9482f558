import { type Build, finishedStatuses, type Job } from "../../../shared/build.ts"
import type { Queryable } from "../../lib/database.ts"
import { type BuildRow, type JobRow, jobsOf } from "./store.ts"

/** Builds as people see them, in the order of the rows. */
export async function buildViews(q: Queryable, rows: readonly BuildRow[]): Promise<Build[]> {
  const jobs = Map.groupBy(
    await jobsOf(
      q,
      rows.map((row) => row.id),
    ),
    (job) => job.buildId,
  )
  return rows.map((row) => buildOf(row, jobs.get(row.id) ?? []))
}

/** One build as people see it. Who may see it is checked before. */
export async function buildView(q: Queryable, row: BuildRow): Promise<Build> {
  return buildOf(row, await jobsOf(q, [row.id]))
}

/** Pure: a build from its rows. */
export function buildOf(row: BuildRow, jobs: readonly JobRow[]): Build {
  const finished = jobs.filter((job) => finishedStatuses.includes(job.status)).length
  return {
    id: row.id,
    sha: row.sha,
    runId: row.runId,
    status: row.status,
    stage: row.stage,
    progress: jobs.length === 0 ? Number(finishedStatuses.includes(row.status)) : finished / jobs.length,
    jobs: jobs.map(jobOf),
    error: row.error,
    webUrl: row.webUrl,
    branch: row.branch,
    image: row.image,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }
}

const jobOf = (row: JobRow): Job => ({
  id: row.id,
  name: row.name,
  stage: row.stage,
  status: row.status,
  startedAt: row.startedAt?.toISOString() ?? null,
  finishedAt: row.finishedAt?.toISOString() ?? null,
  webUrl: row.webUrl,
})
