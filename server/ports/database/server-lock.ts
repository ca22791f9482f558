import { hostname } from "node:os"
import type postgres from "postgres"
import { openPool } from "../../lib/pool.ts"
import { StartError } from "../../lib/start-error.ts"

/** Held while this server lives; released by closing, also when the process dies. */
export interface ServerLock {
  release(): Promise<void>
}

// Any number works; it is the name of "the one Go Chat server of this database".
const SERVER_LOCK = 7_310_026
const WAIT_MS = 3_000
const NAME = /^go-chat pid (\d+) on (.*)$/

/**
 * One server a database: a session lock on a connection of its own. The second server refuses with the pid of the
 * first. Just after a kill -9 the old session may still be closing, so a moment of patience comes first.
 * Should the connection be cut (Postgres restarted), the lock is taken again; when somebody else was faster, `onLost` is called.
 */
export async function holdServerLock(url: string, onLost: (reason: string) => void): Promise<ServerLock> {
  const released = new AbortController()
  let retaking = false
  const client = openPool(url, 1, {
    idle_timeout: 0,
    max_lifetime: null,
    connection: { application_name: `go-chat pid ${process.pid} on ${hostname()}` },
    onclose: () => {
      if (!released.signal.aborted && !retaking) void retake()
    },
  })

  const retake = async () => {
    retaking = true
    while (!released.signal.aborted) {
      const holder = await tryLock(client).catch(() => "unreachable" as const)
      if (holder === null) break
      if (holder !== "unreachable") {
        onLost(refusal(holder))
        break
      }
      await Bun.sleep(250)
    }
    retaking = false
  }

  const until = Date.now() + WAIT_MS
  for (;;) {
    const holder = await tryLock(client)
    if (holder === null) break
    if (Date.now() > until) {
      released.abort()
      await client.end({ timeout: 1 })
      throw new StartError(refusal(holder))
    }
    await Bun.sleep(100)
  }
  return {
    release: async () => {
      released.abort()
      await client.end({ timeout: 1 })
    },
  }
}

/** null = the lock is ours, else the name of the session that has it. */
async function tryLock(client: postgres.Sql): Promise<string | null> {
  const [row] = await client`select pg_try_advisory_lock(${SERVER_LOCK}) as ours`
  if (row?.["ours"] === true) return null
  const [holder] = await client`
    select application_name as name from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and classid = 0 and objid = ${SERVER_LOCK} and granted
      and pg_locks.database = (select oid from pg_database where datname = current_database())`
  return String(holder?.["name"] ?? "")
}

function refusal(holder: string): string {
  const [, pid, host] = NAME.exec(holder) ?? []
  const who = pid ? ` with pid ${pid}${host === hostname() ? "" : ` on ${host}`}` : ""
  return `Another Go Chat server${who} uses this data already: stop it first, or give this one a DATA_DIR or DATABASE_URL of its own.`
}
