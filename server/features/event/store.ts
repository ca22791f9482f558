import { sql } from "drizzle-orm"
import type { News } from "../../../shared/events.ts"
import type { Queryable, Transaction } from "../../lib/database.ts"
import { FenceLost, type QueuedEvent } from "./append.ts"
import { type StoredEvent, storedEvent } from "./stored-event.ts"

/** Name of the Postgres channel; its payload is only `projectId:seq`. */
export const channel = "gochat_events"

/** One row for the whole batch: the number before the first of each project that was stored. */
interface BasesRow extends Record<string, unknown> {
  bases: Record<string, number>
}

/** Stores what a transaction appended, in one statement per project set; throws `FenceLost`. */
export async function storeQueue(tx: Transaction, queue: QueuedEvent[], notify: boolean): Promise<StoredEvent[]> {
  if (queue.length === 0) return []
  const projectIds = [...new Set(queue.map((event) => event.projectId))].sort()
  // Several rows are locked in one order everywhere, else two transactions could wait for each other.
  if (projectIds.length > 1) {
    await tx.execute(
      sql`select 1 from streams where project_id = any(${sql.param(projectIds)}::uuid[]) order by project_id for update`,
    )
  }
  const batch = asBatch(queue)
  const [row] = await tx.execute<BasesRow>(insertStatement(batch, "wait", notify))
  const bases = new Map(Object.entries(row?.bases ?? {}))
  for (const projectId of projectIds) if (!bases.has(projectId)) throw new FenceLost(projectId)
  return numbered(batch, bases)
}

/**
 * Stores one tick of streaming text of many projects. Rows that someone else holds are left out (never waited for,
 * so two batches cannot deadlock): their projects are missing from the answer and go with the next tick.
 */
export async function storeBatch(db: Queryable, queue: QueuedEvent[], notify: boolean): Promise<StoredEvent[]> {
  if (queue.length === 0) return []
  const batch = asBatch(queue)
  const [row] = await db.execute<BasesRow>(insertStatement(batch, "skip", notify))
  return numbered(batch, new Map(Object.entries(row?.bases ?? {})))
}

interface Batch {
  at: string
  queue: QueuedEvent[]
  /** Place within its project, from 1. */
  places: number[]
  bodies: string[]
}

function asBatch(queue: QueuedEvent[]): Batch {
  const counts = new Map<string, number>()
  const places = queue.map(({ projectId }) => {
    const place = (counts.get(projectId) ?? 0) + 1
    counts.set(projectId, place)
    return place
  })
  const bodies = queue.map((event) => JSON.stringify(event.news))
  return { at: new Date().toISOString(), queue, places, bodies }
}

function insertStatement(batch: Batch, busy: "wait" | "skip", notify: boolean) {
  const lock = busy === "skip" ? sql`for update skip locked` : sql`for update`
  const { queue } = batch
  // Array literals by hand: ids, numbers and names need no quoting, and the driver would go through each of them.
  const column = (pick: (event: QueuedEvent) => string | number | null) =>
    `{${queue.map((event) => pick(event) ?? "null").join(",")}}`
  // The planner knows the length of arrays; an element of a json array keeps its text, so the bytes stay as published.
  return sql`
    with given as materialized (
      select * from rows from (
        unnest(${column((event) => event.projectId)}::uuid[]), unnest(${column((event) => event.fence)}::int[]),
        unnest(${`{${batch.places.join(",")}}`}::int[]), unnest(${column((event) => event.news.type)}::text[]),
        unnest(${column((event) => event.subjectId)}::uuid[]), json_array_elements(${`[${batch.bodies.join(",")}]`}::json)
      ) as g(project_id, fence, place, type, subject_id, body)
    ), counted as materialized (
      select project_id, count(*) as events, max(fence) as fence from given group by project_id
    ), locked as materialized (
      select s.project_id from streams s
      where s.project_id = any(${`{${[...new Set(queue.map((event) => event.projectId))].join(",")}}`}::uuid[])
      order by s.project_id ${lock}
    ), moved as (
      update streams s set seq = s.seq + c.events
      from counted c join locked l using (project_id)
      where s.project_id = c.project_id and (c.fence is null or c.fence = s.fence)
      returning s.project_id, s.seq - c.events as base, s.seq as top
    ), stored as (
      insert into events (project_id, seq, type, subject_id, body, at)
      select g.project_id, m.base + g.place, g.type, g.subject_id, g.body, ${batch.at}::timestamptz
      from given g join moved m using (project_id)
    )
    select coalesce(json_object_agg(project_id, base), '{}') as bases
      ${notify ? sql`, string_agg(pg_notify(${channel}, project_id || ':' || top)::text, '') as told` : sql``}
    from moved`
}

function numbered(batch: Batch, bases: Map<string, number>): StoredEvent[] {
  return batch.queue.flatMap((event, index) => {
    const base = bases.get(event.projectId)
    if (base === undefined) return []
    const seq = base + (batch.places[index] ?? 0)
    return [storedEvent(event.projectId, seq, batch.at, event.news.type, batch.bodies[index] ?? "{}")]
  })
}

interface EventRow extends Record<string, unknown> {
  seq: string
  type: News["type"]
  body: string
  at: string
}

/** Events after `after`, oldest first, at most `limit`. */
export async function readAfter(
  db: Queryable,
  projectId: string,
  after: number,
  limit: number,
): Promise<StoredEvent[]> {
  const rows = await db.execute<EventRow>(sql`
    select seq, type, body::text as body,
      to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from events where project_id = ${projectId} and seq > ${after} order by seq limit ${limit}`)
  return rows.map((row) => storedEvent(projectId, Number(row.seq), row.at, row.type, row.body))
}

/** Where a project's log stands; null when there is no such project. */
export async function readStream(
  db: Queryable,
  projectId: string,
): Promise<{ seq: number; floor: number; fence: number } | null> {
  const [row] = await db.execute<{ seq: string; floor: string; fence: number }>(
    sql`select seq, floor, fence from streams where project_id = ${projectId}`,
  )
  return row === undefined ? null : { seq: Number(row.seq), floor: Number(row.floor), fence: row.fence }
}

/** Fences of these projects, for telling apart why a batch left one out. */
export async function readFences(db: Queryable, projectIds: string[]): Promise<Map<string, number>> {
  const rows = await db.execute<{ project_id: string; fence: number }>(
    sql`select project_id, fence from streams where project_id = any(${sql.param(projectIds)}::uuid[])`,
  )
  return new Map(rows.map((row) => [row.project_id, row.fence]))
}

/** Which of these subjects have streaming rows after a given place: those whose doubtful batch was stored after all. */
export async function findStored(
  db: Queryable,
  doubtful: { projectId: string; subjectId: string; after: number }[],
): Promise<Set<string>> {
  const rows = await db.execute<{ subject_id: string }>(sql`
    select distinct d.subject_id from unnest(
      ${sql.param(doubtful.map((row) => row.projectId))}::uuid[],
      ${sql.param(doubtful.map((row) => row.subjectId))}::uuid[],
      ${sql.param(doubtful.map((row) => row.after))}::bigint[]
    ) as d(project_id, subject_id, after)
    join events e on e.project_id = d.project_id and e.seq > d.after and e.subject_id = d.subject_id
    where e.type in ('message.delta', 'tool.delta', 'build.log')`)
  return new Set(rows.map((row) => row.subject_id))
}
