import { and, asc, desc, eq, gt, inArray, lt, ne, or, sql } from "drizzle-orm"
import { forgeLeftovers, forgeProjects } from "../../../drizzle/schema/forge.ts"
import { messages } from "../../../drizzle/schema/message.ts"
import { projects } from "../../../drizzle/schema/project.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import type { MessagePart } from "../../../shared/message.ts"
import type { VersionRoute } from "../../../shared/project.ts"
import type { Queryable, Transaction } from "../../lib/database.ts"
import type { RemoteLink } from "../../ports/forge/port.ts"

export async function findLink(q: Queryable, projectId: string): Promise<RemoteLink | null> {
  const [row] = await q.select().from(forgeProjects).where(eq(forgeProjects.projectId, projectId))
  if (row === undefined) return null
  const { projectId: _project, createdAt: _created, ...link } = row
  return link
}

export async function saveLink(tx: Transaction, projectId: string, link: RemoteLink): Promise<void> {
  await tx
    .insert(forgeProjects)
    .values({ projectId, ...link })
    .onConflictDoUpdate({ target: forgeProjects.projectId, set: link })
}

/** What the project is called; null when there is none. */
export async function findWords(
  q: Queryable,
  projectId: string,
): Promise<{ slug: string | null; title: string; description: string } | null> {
  const { slug, title, description } = projects
  const [row] = await q.select({ slug, title, description }).from(projects).where(eq(projects.id, projectId))
  return row ?? null
}

export interface RouteFacts {
  versionRoute: VersionRoute
  /** Newest commit of the forge's main branch; null: none, or the project is not there. */
  head: string | null
}

/** null when there is no such project. */
export async function routeOf(q: Queryable, projectId: string): Promise<RouteFacts | null> {
  const [row] = await q
    .select({ versionRoute: projects.versionRoute, head: forgeProjects.head })
    .from(projects)
    .leftJoin(forgeProjects, eq(forgeProjects.projectId, projects.id))
    .where(eq(projects.id, projectId))
  return row ?? null
}

/** Of these projects those that are called otherwise at the forge. */
export async function misnamed(q: Queryable, among: readonly string[]): Promise<string[]> {
  if (among.length === 0) return []
  const rows = await q
    .select({ projectId: projects.id })
    .from(forgeProjects)
    .innerJoin(projects, eq(projects.id, forgeProjects.projectId))
    .where(and(inArray(projects.id, [...among]), ne(projects.title, forgeProjects.title)))
  return rows.map(({ projectId }) => projectId)
}

/** Projects at the forge after this one (by id; null: from the first); `since`: those that moved after it. */
export async function linkedAfter(
  q: Queryable,
  { after, since, misnamed: only, limit }: { after: string | null; since?: Date; misnamed?: true; limit: number },
): Promise<{ projectId: string }[]> {
  return q
    .select({ projectId: projects.id })
    .from(forgeProjects)
    .innerJoin(projects, eq(projects.id, forgeProjects.projectId))
    .where(
      and(
        after === null ? undefined : gt(projects.id, after),
        since === undefined ? undefined : movedAfter(since),
        only === undefined ? undefined : ne(projects.title, forgeProjects.title),
      ),
    )
    .orderBy(asc(projects.id))
    .limit(limit)
}

/** Something was said in it, or it was changed. */
const movedAfter = (since: Date) =>
  or(
    gt(projects.updatedAt, since),
    gt(
      sql`(select m.created_at from messages m where m.project_id = ${projects.id} order by m.position desc limit 1)`,
      sql`${since.toISOString()}::timestamptz`,
    ),
  )

/** The oldest of what has to be removed at the forge. */
export async function leftovers(q: Queryable, limit: number): Promise<number[]> {
  const rows = await q
    .select({ remoteId: forgeLeftovers.remoteId })
    .from(forgeLeftovers)
    .orderBy(asc(forgeLeftovers.createdAt))
    .limit(limit)
  return rows.map(({ remoteId }) => remoteId)
}

export async function insertLeftover(q: Queryable, remoteId: number): Promise<void> {
  await q.insert(forgeLeftovers).values({ remoteId }).onConflictDoNothing()
}

export async function deleteLeftover(q: Queryable, remoteId: number): Promise<void> {
  await q.delete(forgeLeftovers).where(eq(forgeLeftovers.remoteId, remoteId))
}

/** What was said last in the project. */
export async function lastParts(q: Queryable, projectId: string): Promise<MessagePart[] | null> {
  const [row] = await q
    .select({ parts: messages.parts })
    .from(messages)
    .where(and(eq(messages.projectId, projectId), eq(messages.hidden, false)))
    .orderBy(desc(messages.position))
    .limit(1)
  return row?.parts ?? null
}

/** The wish that the answer right before this message was for, with what that answer holds. */
export async function wishBefore(
  q: Queryable,
  message: { id: string; projectId: string; position: number },
): Promise<{ content: string; parts: MessagePart[] } | null> {
  const [answer] = await q
    .select({ parts: messages.parts, runId: messages.runId })
    .from(messages)
    .where(
      and(
        eq(messages.projectId, message.projectId),
        lt(messages.position, message.position),
        eq(messages.hidden, false),
        eq(messages.role, "assistant"),
      ),
    )
    .orderBy(desc(messages.position))
    .limit(1)
  if (answer === undefined || answer.runId === null) return null
  const [wish] = await q
    .select({ content: messages.content })
    .from(runs)
    .innerJoin(messages, eq(messages.id, runs.messageId))
    .where(eq(runs.id, sql`${answer.runId}::uuid`))
  return wish === undefined ? null : { content: wish.content, parts: answer.parts }
}
