import { and, count, desc, eq, ilike, isNull, or, type SQL, sql } from "drizzle-orm"
import { user } from "../../../drizzle/schema/account.ts"
import { forgeProjects } from "../../../drizzle/schema/forge.ts"
import { streams } from "../../../drizzle/schema/event.ts"
import { projectMembers, projects } from "../../../drizzle/schema/project.ts"
import { versions } from "../../../drizzle/schema/version.ts"
import type { BuildStatus } from "../../../shared/build.ts"
import type { RunOutcome } from "../../../shared/run.ts"
import type { Queryable, Transaction } from "../../lib/database.ts"

export type ProjectRow = typeof projects.$inferSelect

export async function findProject(q: Queryable, projectId: string): Promise<ProjectRow | null> {
  const [row] = await q.select().from(projects).where(eq(projects.id, projectId))
  return row ?? null
}

export async function findBySlug(q: Queryable, slug: string): Promise<ProjectRow | null> {
  const [row] = await q.select().from(projects).where(eq(projects.slug, slug))
  return row ?? null
}

/** The project, if this person is a member of it. */
export async function findProjectOf(q: Queryable, projectId: string, userId: string): Promise<ProjectRow | null> {
  const [row] = await q
    .select({ project: projects })
    .from(projects)
    .innerJoin(projectMembers, eq(projectMembers.projectId, projects.id))
    .where(and(eq(projects.id, projectId), eq(projectMembers.userId, userId)))
  return row?.project ?? null
}

/** Makes whatever else counts this person's projects wait until the end of the transaction. */
export async function lockUser(tx: Transaction, userId: string): Promise<boolean> {
  const rows = await tx.select({ id: user.id }).from(user).where(eq(user.id, userId)).for("update")
  return rows.length > 0
}

export async function countOwned(q: Queryable, userId: string): Promise<number> {
  const [row] = await q
    .select({ count: count() })
    .from(projectMembers)
    .where(and(eq(projectMembers.userId, userId), eq(projectMembers.role, "owner")))
  return row?.count ?? 0
}

/** Project, owner and event stream. False when the id is taken. */
export async function insertProject(
  tx: Transaction,
  row: typeof projects.$inferInsert,
  ownerId: string,
): Promise<boolean> {
  const made = await tx.insert(projects).values(row).onConflictDoNothing({ target: projects.id }).returning()
  if (made.length === 0) return false
  await tx.insert(projectMembers).values({ projectId: row.id, userId: ownerId, role: "owner" })
  await tx.insert(streams).values({ projectId: row.id })
  return true
}

export async function updateProjectRow(
  q: Queryable,
  projectId: string,
  values: Partial<Omit<typeof projects.$inferInsert, "id">>,
): Promise<void> {
  await q.update(projects).set(values).where(eq(projects.id, projectId))
}

/**
 * Locks the row that every append to the project's log locks. Whoever changes a key of the project's row, or deletes
 * it, takes this first, as the claim of a run does: else two transactions could wait for each other.
 */
export async function lockStream(tx: Transaction, projectId: string): Promise<void> {
  await tx.select({ seq: streams.seq }).from(streams).where(eq(streams.projectId, projectId)).for("update")
}

/** Gives a project without slug this one. A slug that is taken throws a unique violation. */
export async function setSlug(q: Queryable, projectId: string, slug: string): Promise<void> {
  await q
    .update(projects)
    .set({ slug })
    .where(and(eq(projects.id, projectId), isNull(projects.slug)))
}

export async function deleteProjectRow(q: Queryable, projectId: string): Promise<void> {
  await q.delete(projects).where(eq(projects.id, projectId))
}

export async function hasVersion(q: Queryable, projectId: string): Promise<boolean> {
  const rows = await q.select({ sha: versions.sha }).from(versions).where(eq(versions.projectId, projectId)).limit(1)
  return rows.length > 0
}

export async function listMemberIds(q: Queryable, projectId: string): Promise<string[]> {
  const rows = await q
    .select({ userId: projectMembers.userId })
    .from(projectMembers)
    .where(eq(projectMembers.projectId, projectId))
  return rows.map((row) => row.userId)
}

// Written out because Drizzle leaves the table's name away in a query of one table.
const own = sql.raw(`"projects"."id"`)

/** When something last happened: computed, so that news need not lock the project's row. */
const activeAt = sql`greatest("projects"."updated_at",
  (select coalesce(r.finished_at, r.started_at, r.created_at) from runs r
    where r.project_id = ${own} order by r.position desc limit 1),
  (select max(v.created_at) from versions v where v.project_id = ${own}))`

/** Where a page of the list ended. `at` is Postgres' own text of the time: a Date would lose its microseconds. */
export interface ListPlace {
  at: string
  id: string
}

/** Ids of a person's projects, last changed first, each with its place. */
export async function listProjectIds(
  q: Queryable,
  userId: string,
  { after, query, limit }: { after: ListPlace | null; query: string | null; limit: number },
): Promise<ListPlace[]> {
  const wanted: (SQL | undefined)[] = [eq(projectMembers.userId, userId)]
  if (after !== null) {
    wanted.push(sql`(${activeAt}, ${projects.id}) < (${after.at}::timestamptz, ${after.id}::uuid)`)
  }
  if (query !== null) {
    const pattern = `%${query.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    wanted.push(or(ilike(projects.title, pattern), ilike(projects.description, pattern), ilike(projects.slug, pattern)))
  }
  return q
    .select({ id: projects.id, at: sql<string>`${activeAt}::text` })
    .from(projects)
    .innerJoin(projectMembers, eq(projectMembers.projectId, projects.id))
    .where(and(...wanted))
    .orderBy(desc(activeAt), desc(projects.id))
    .limit(limit)
}

export interface ProjectFacts {
  project: ProjectRow
  activeAt: Date
  messageCount: number
  /** A run works or waits. */
  active: boolean
  /** Outcome of the last run that ended. */
  lastOutcome: RunOutcome | null
  versionCount: number
  /** Status of the newest build of the newest version. */
  buildStatus: BuildStatus | null
  forge: typeof forgeProjects.$inferSelect | null
}

/** What a project's view is computed from, in one query. */
export async function readFacts(q: Queryable, ids: string[]): Promise<ProjectFacts[]> {
  if (ids.length === 0) return []
  return q
    .select({
      project: projects,
      activeAt: activeAt.mapWith(projects.updatedAt),
      messageCount: sql<number>`(select count(*)::int from messages m where m.project_id = ${own} and not m.hidden)`,
      active: sql<boolean>`exists (select 1 from runs r where r.project_id = ${own} and r.state <> 'finished')`,
      lastOutcome: sql<RunOutcome | null>`(select r.outcome from runs r
        where r.project_id = ${own} and r.state = 'finished' order by r.position desc limit 1)`,
      versionCount: sql<number>`(select count(*)::int from versions v where v.project_id = ${own})`,
      buildStatus: sql<BuildStatus | null>`(select b.status from builds b
        where b.project_id = ${own} and b.sha = (
          select v.sha from versions v where v.project_id = ${own} order by v.number desc limit 1)
        order by b.position desc limit 1)`,
      forge: forgeProjects,
    })
    .from(projects)
    .leftJoin(forgeProjects, eq(forgeProjects.projectId, projects.id))
    .where(sql`${projects.id} = any(${sql.param(ids)}::uuid[])`)
}
