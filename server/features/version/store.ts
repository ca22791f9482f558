import { and, desc, eq, gt, like, lt, type SQL, sql } from "drizzle-orm"
import { user } from "../../../drizzle/schema/account.ts"
import { forgeProjects } from "../../../drizzle/schema/forge.ts"
import { messages } from "../../../drizzle/schema/message.ts"
import { projects } from "../../../drizzle/schema/project.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import { versions } from "../../../drizzle/schema/version.ts"
import type { BuildStatus } from "../../../shared/build.ts"
import type { Queryable, Transaction } from "../../lib/database.ts"

export type VersionRow = typeof versions.$inferSelect

/** A version with what is known of it elsewhere. */
export interface VersionFacts {
  version: VersionRow
  /** Of the newest build of this commit. */
  buildStatus: BuildStatus | null
  live: boolean
  /** Page of the project at the forge. */
  forgeUrl: string | null
}

const buildStatus = sql<BuildStatus | null>`(select b.status from builds b
  where b.project_id = ${versions.projectId} and b.sha = ${versions.sha} order by b.position desc limit 1)`
const isGreen = sql`${buildStatus} = 'success'`

/** Newest first. */
async function select(q: Queryable, where: SQL | undefined, limit: number): Promise<VersionFacts[]> {
  return q
    .select({
      version: versions,
      buildStatus,
      live: sql<boolean>`${projects.liveSha} is not distinct from ${versions.sha}`,
      forgeUrl: forgeProjects.webUrl,
    })
    .from(versions)
    .innerJoin(projects, eq(projects.id, versions.projectId))
    .leftJoin(forgeProjects, eq(forgeProjects.projectId, versions.projectId))
    .where(where)
    .orderBy(desc(versions.number))
    .limit(limit)
}

const of = (projectId: string) => eq(versions.projectId, projectId)

export async function listRows(
  q: Queryable,
  projectId: string,
  page: { before?: number; limit: number },
): Promise<VersionFacts[]> {
  return select(
    q,
    and(of(projectId), page.before === undefined ? undefined : lt(versions.number, page.before)),
    page.limit,
  )
}

/** By its full or abbreviated sha; null when there is none, or more than one. */
export async function findRow(q: Queryable, projectId: string, sha: string): Promise<VersionFacts | null> {
  const found = await select(q, and(of(projectId), like(versions.sha, `${sha}%`)), 2)
  return found.length === 1 ? (found[0] ?? null) : null
}

export async function newestRow(q: Queryable, projectId: string): Promise<VersionFacts | null> {
  return (await select(q, of(projectId), 1))[0] ?? null
}

export async function newestGreen(q: Queryable, projectId: string): Promise<VersionFacts | null> {
  return (await listGreen(q, projectId, 1))[0] ?? null
}

/** Versions whose checks passed, newest first. */
export async function listGreen(q: Queryable, projectId: string, limit: number): Promise<VersionFacts[]> {
  return select(q, and(of(projectId), isGreen), limit)
}

export async function hasNewerGreen(q: Queryable, projectId: string, number: number): Promise<boolean> {
  return (await select(q, and(of(projectId), gt(versions.number, number), isGreen), 1)).length > 0
}

/** The version before this one. */
export async function previousSha(q: Queryable, version: VersionRow): Promise<string | null> {
  const [row] = await select(q, and(of(version.projectId), lt(versions.number, version.number)), 1)
  return row?.version.sha ?? null
}

/** With the next number; null when the commit is a version already. The project must be held. */
export async function insertRow(
  tx: Transaction,
  row: Omit<VersionRow, "number" | "createdAt">,
): Promise<VersionRow | null> {
  const number = sql`(select coalesce(max(v.number), 0) + 1 from versions v where v.project_id = ${row.projectId})`
  const [made] = await tx
    .insert(versions)
    .values({ ...row, number })
    .onConflictDoNothing({ target: [versions.projectId, versions.sha] })
    .returning()
  return made ?? null
}

export async function liveOf(
  q: Queryable,
  projectId: string,
): Promise<{ liveSha: string | null; pinned: boolean } | null> {
  const [row] = await q
    .select({ liveSha: projects.liveSha, pinned: projects.pinned })
    .from(projects)
    .where(eq(projects.id, projectId))
  return row ?? null
}

export async function setLive(
  tx: Transaction,
  projectId: string,
  live: { liveSha?: string; pinned: boolean },
): Promise<void> {
  await tx
    .update(projects)
    .set({ ...live, updatedAt: new Date() })
    .where(eq(projects.id, projectId))
}

/** Page of the project at the forge. */
export async function forgeUrlOf(q: Queryable, projectId: string): Promise<string | null> {
  const where = eq(forgeProjects.projectId, projectId)
  const [row] = await q.select({ webUrl: forgeProjects.webUrl }).from(forgeProjects).where(where)
  return row?.webUrl ?? null
}

/** What the person wrote that a run answers. */
export async function wishOf(q: Queryable, projectId: string, runId: string): Promise<string | null> {
  const [row] = await q
    .select({ content: messages.content })
    .from(runs)
    .innerJoin(messages, eq(messages.id, runs.messageId))
    .where(and(eq(runs.projectId, projectId), eq(runs.id, runId)))
  return row?.content ?? null
}

/** Nothing is left to keep of this run. */
export async function clearRecoverable(tx: Transaction, projectId: string, runId: string): Promise<void> {
  await tx
    .update(runs)
    .set({ recoverable: false })
    .where(and(eq(runs.projectId, projectId), eq(runs.id, runId)))
}

export async function personOf(q: Queryable, userId: string): Promise<{ name: string; email: string } | null> {
  const [row] = await q.select({ name: user.name, email: user.email }).from(user).where(eq(user.id, userId))
  return row ?? null
}
