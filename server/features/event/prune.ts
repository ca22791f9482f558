import { sql } from "drizzle-orm"
import type { Services } from "../../context.ts"

/** Streaming rows go this long after they were written, once their run or build is over. */
const keptHours = 24
const intervalMs = 60 * 60_000

/**
 * Removes streaming rows whose outcome has long been in the tables and raises the floor of their logs: a watch from
 * below it gets `stream.reset`. Returns how many rows went.
 */
export async function prune(services: Pick<Services, "db">): Promise<number> {
  const rows = await services.db.execute(sql`
    with gone as (
      delete from events e
      where type in ('message.delta', 'tool.delta', 'build.log')
        and at < now() - make_interval(hours => ${keptHours})
        and not exists (select 1 from runs r where r.id = e.subject_id and r.state <> 'finished')
        and not exists (select 1 from builds b where b.id = e.subject_id and b.finished_at is null)
      returning project_id, seq
    ), tops as (
      select project_id, max(seq) as seq, count(*) as rows from gone group by project_id
    )
    update streams s set floor = greatest(s.floor, t.seq) from tops t where s.project_id = t.project_id
    returning t.rows`)
  return rows.reduce((sum, row) => sum + Number(row["rows"]), 0)
}

/** Prunes now and every hour. Returns a function that ends it. */
export function startPruning(services: Pick<Services, "db" | "log">): () => void {
  const run = () => {
    prune(services).then(
      (rows) => rows > 0 && services.log.info({ rows }, "pruned streaming rows"),
      (error: unknown) => services.log.error({ err: error }, "pruning failed"),
    )
  }
  run()
  const timer = setInterval(run, intervalMs)
  return () => clearInterval(timer)
}
