import { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, notInArray, or, sql } from "drizzle-orm"
import { builds, jobLogs, jobs } from "../../../drizzle/schema/build.ts"
import { projects } from "../../../drizzle/schema/project.ts"
import { type BuildStatus, finishedStatuses } from "../../../shared/build.ts"
import type { VersionRoute } from "../../../shared/project.ts"
import type { Queryable, Transaction } from "../../lib/database.ts"

export type BuildRow = typeof builds.$inferSelect
export type JobRow = typeof jobs.$inferSelect
export type LogPiece = typeof jobLogs.$inferSelect

/** Nothing is to be done: it is over, or waits for a person. */
const still: BuildStatus[] = [...finishedStatuses, "manual"]

export async function insertBuild(
  tx: Transaction,
  row: Pick<BuildRow, "id" | "projectId" | "sha" | "runId">,
): Promise<BuildRow> {
  const [made] = await tx
    .insert(builds)
    .values({ ...row, status: "created" })
    .returning()
  if (made === undefined) throw new Error("the build was not stored")
  return made
}

/**
 * Builds of the project that wait for their first start, now canceled for `error`. One that is being taken up right
 * now is left to run; waiting for it could be waiting for each other.
 */
export async function cancelWaiting(tx: Transaction, projectId: string, error: string): Promise<BuildRow[]> {
  const waiting = tx
    .select({ id: builds.id })
    .from(builds)
    .where(and(eq(builds.projectId, projectId), eq(builds.status, "created"), isNull(builds.finishedAt)))
    .for("update", { skipLocked: true })
  return tx
    .update(builds)
    .set({ status: "canceled", error, finishedAt: new Date() })
    .where(inArray(builds.id, waiting))
    .returning()
}

export async function findBuild(q: Queryable, projectId: string, buildId: string): Promise<BuildRow | null> {
  const [row] = await q
    .select()
    .from(builds)
    .where(and(eq(builds.projectId, projectId), eq(builds.id, buildId)))
  return row ?? null
}

/** The build, kept from changing until the end of the transaction; null when it is gone. */
export async function lockBuild(tx: Transaction, buildId: string): Promise<BuildRow | null> {
  const [row] = await tx.select().from(builds).where(eq(builds.id, buildId)).for("update")
  return row ?? null
}

/** Newest first. */
export async function buildsOf(q: Queryable, projectId: string, limit: number): Promise<BuildRow[]> {
  return q.select().from(builds).where(eq(builds.projectId, projectId)).orderBy(desc(builds.position)).limit(limit)
}

export async function jobsOf(q: Queryable, buildIds: string[]): Promise<JobRow[]> {
  if (buildIds.length === 0) return []
  return q.select().from(jobs).where(inArray(jobs.buildId, buildIds)).orderBy(asc(jobs.position))
}

/** So many builds are looked at in one go. */
const mostOpen = 2_000

/** A build with what it needs to know of its project. */
export interface OpenBuild {
  build: BuildRow
  slug: string | null
  versionRoute: VersionRoute
}

/** Builds that want to run or were running, oldest first. */
export async function openBuilds(q: Queryable): Promise<OpenBuild[]> {
  return q
    .select({ build: builds, slug: projects.slug, versionRoute: projects.versionRoute })
    .from(builds)
    .innerJoin(projects, eq(projects.id, builds.projectId))
    .where(and(isNull(builds.finishedAt), notInArray(builds.status, still)))
    .orderBy(asc(builds.position))
    .limit(mostOpen)
}

/** Builds with one of these pipelines of their project, newest first. */
export async function buildsOfPipelines(
  q: Queryable,
  places: readonly { projectId: string; pipeline: number }[],
): Promise<BuildRow[]> {
  if (places.length === 0) return []
  const wanted = new Set(places.map(({ projectId, pipeline }) => `${projectId} ${pipeline}`))
  const [ids, pipelines] = [places.map((at) => at.projectId), places.map((at) => at.pipeline)]
  const rows = await q
    .select()
    .from(builds)
    .where(and(inArray(builds.projectId, [...new Set(ids)]), inArray(builds.pipeline, [...new Set(pipelines)])))
    .orderBy(desc(builds.position))
  return rows.filter(({ projectId, pipeline }) => wanted.has(`${projectId} ${pipeline}`))
}

/**
 * The newest build of each project after this one (by id; null: from the first) that somebody elsewhere may have moved
 * since: it has a pipeline, and is blocked or ended after `since`.
 */
export async function stillBuilds(
  q: Queryable,
  { after, since, limit }: { after: string | null; since: Date; limit: number },
): Promise<BuildRow[]> {
  const newest = q
    .select({ id: builds.id })
    .from(builds)
    .where(eq(builds.projectId, projects.id))
    .orderBy(desc(builds.position))
    .limit(1)
    .as("newest")
  const rows = await q
    .select({ build: builds })
    .from(projects)
    .innerJoinLateral(newest, sql`true`)
    .innerJoin(builds, eq(builds.id, newest.id))
    .where(
      and(
        after === null ? undefined : gt(projects.id, after),
        isNotNull(builds.pipeline),
        or(eq(builds.status, "manual"), gt(builds.finishedAt, since)),
      ),
    )
    .orderBy(asc(projects.id))
    .limit(limit)
  return rows.map(({ build }) => build)
}

/** Which of these builds have ended; one that waits for a person has not. */
export async function endedAmong(q: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const where = and(inArray(builds.id, [...ids]), isNotNull(builds.finishedAt))
  return (await q.select({ id: builds.id }).from(builds).where(where)).map(({ id }) => id)
}

/** Ids of the project's builds that have not ended, blocked ones included. */
export async function unfinishedBuilds(q: Queryable, projectId: string): Promise<string[]> {
  const rows = await q
    .select({ id: builds.id })
    .from(builds)
    .where(and(eq(builds.projectId, projectId), isNull(builds.finishedAt)))
  return rows.map((row) => row.id)
}

/** Changes a build; null when it is gone. */
export async function updateBuild(
  tx: Transaction,
  buildId: string,
  values: Partial<Omit<BuildRow, "id" | "projectId" | "sha" | "runId" | "position" | "createdAt">>,
): Promise<BuildRow | null> {
  const [row] = await tx.update(builds).set(values).where(eq(builds.id, buildId)).returning()
  return row ?? null
}

/** The jobs of an attempt: those that are kept stay, the others are made anew. */
export async function replaceJobs(tx: Transaction, buildId: string, rows: (typeof jobs.$inferInsert)[]): Promise<void> {
  const ids = rows.map((row) => row.id)
  await tx.delete(jobs).where(and(eq(jobs.buildId, buildId), ids.length > 0 ? notInArray(jobs.id, ids) : undefined))
  if (rows.length === 0) return
  await tx
    .insert(jobs)
    .values(rows)
    .onConflictDoUpdate({
      target: jobs.id,
      set: { position: sql`excluded.position`, stage: sql`excluded.stage` },
    })
}

export async function updateJob(
  tx: Transaction,
  jobId: string,
  values: Partial<Pick<JobRow, "status" | "allowFailure" | "startedAt" | "finishedAt">>,
): Promise<void> {
  await tx.update(jobs).set(values).where(eq(jobs.id, jobId))
}

/** A job that will run, or be decided on, again. */
export async function resetJob(tx: Transaction, jobId: string, status: BuildStatus): Promise<void> {
  await tx.update(jobs).set({ status, startedAt: null, finishedAt: null }).where(eq(jobs.id, jobId))
}

/** Jobs that had not ended when their build did. */
export async function cancelJobs(tx: Transaction, buildId: string): Promise<void> {
  await tx
    .update(jobs)
    .set({ status: "canceled", finishedAt: new Date() })
    .where(and(eq(jobs.buildId, buildId), notInArray(jobs.status, [...still, "scheduled"])))
}

export async function insertLog(q: Queryable, pieces: LogPiece[]): Promise<void> {
  if (pieces.length > 0) await q.insert(jobLogs).values(pieces)
}

/** Pieces of a job's log from the one that holds the character `from` up to the one that holds `to`. */
export async function readLog(q: Queryable, jobId: string, from: number, to: number): Promise<LogPiece[]> {
  const start = q
    .select({ from: sql<number>`coalesce(max(${jobLogs.from}), 0)` })
    .from(jobLogs)
    .where(and(eq(jobLogs.jobId, jobId), lte(jobLogs.from, from)))
  return q
    .select()
    .from(jobLogs)
    .where(and(eq(jobLogs.jobId, jobId), gte(jobLogs.from, sql`(${start})`), lt(jobLogs.from, to)))
    .orderBy(asc(jobLogs.from))
}

/** Is there more of the log from the character `from` on? */
export async function hasLogAfter(q: Queryable, jobId: string, from: number): Promise<boolean> {
  const where = and(eq(jobLogs.jobId, jobId), gte(jobLogs.from, from))
  return (await q.select({ from: jobLogs.from }).from(jobLogs).where(where).limit(1)).length > 0
}
