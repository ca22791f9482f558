import { and, asc, inArray, isNull, lt, notInArray, sql } from "drizzle-orm"
import { forgeDeliveries } from "../../../drizzle/schema/forge.ts"
import type { Queryable } from "../../lib/database.ts"

export type Delivery = typeof forgeDeliveries.$inferSelect

/** Stores a delivery; `known`: it is here already; `nobodys`: no project is linked with the number that it names. */
export async function insertDelivery(
  q: Queryable,
  { key, projectId, event, pipeline, branch }: Pick<Delivery, "key" | "projectId" | "event" | "pipeline" | "branch">,
  remoteId: number,
): Promise<"stored" | "known" | "nobodys"> {
  // One statement: the project cannot go between the look and the row.
  const rows = await q.execute(sql`
    with owner as (
      select f.project_id from forge_projects f join projects p on p.id = f.project_id
      where p.id = ${projectId}::uuid and f.remote_id = ${remoteId}
      for key share of p
    ), stored as (
      insert into forge_deliveries (key, project_id, event, pipeline, branch)
      select ${key}, project_id, ${event}, ${pipeline}::bigint, ${branch} from owner
      on conflict (key) do nothing returning 1
    )
    select (select count(*) from owner) as owners, (select count(*) from stored) as stored`)
  const [row] = rows
  if (Number(row?.["owners"] ?? 0) === 0) return "nobodys"
  return Number(row?.["stored"] ?? 0) === 0 ? "known" : "stored"
}

/** News of pipelines and news of branches are worked on apart: one may have to wait for what the other need not. */
export type Line = "pipeline" | "branch"
export const lineOf = ({ event }: Pick<Delivery, "event">): Line =>
  event === "pipeline" || event === "build" ? "pipeline" : "branch"

/**
 * Deliveries that nobody has worked on, in the order in which they came, without those of some lines, named
 * `<line> <projectId>`.
 */
export async function openDeliveries(q: Queryable, without: readonly string[], limit: number): Promise<Delivery[]> {
  const { event, projectId, receivedAt, handledAt, key } = forgeDeliveries
  const line = sql<string>`case when ${event} in ('pipeline', 'build') then 'pipeline' else 'branch' end || ' ' || ${projectId}`
  return q
    .select()
    .from(forgeDeliveries)
    .where(and(isNull(handledAt), without.length === 0 ? undefined : notInArray(line, [...without])))
    .orderBy(asc(receivedAt), asc(key))
    .limit(limit)
}

/** They are worked on. */
export async function markHandled(q: Queryable, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await q
    .update(forgeDeliveries)
    .set({ handledAt: new Date() })
    .where(inArray(forgeDeliveries.key, [...keys]))
}

/** Those that came before; nobody sends them again. */
export async function removeDeliveries(q: Queryable, before: Date): Promise<void> {
  await q.delete(forgeDeliveries).where(lt(forgeDeliveries.receivedAt, before))
}
