import { afterAll, beforeAll, expect, test } from "bun:test"
import type postgres from "postgres"
import { type TestDatabase, testDatabase } from "../testing/database.ts"
import { openPool } from "./pool.ts"

/** What the patched driver does when a backend is gone, as after a restart of Postgres. */
let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await database.client`create table written (who text not null)`
})
afterAll(() => database.close())

async function withOne<T>(work: (pool: postgres.Sql) => Promise<T>): Promise<T> {
  const pool = openPool(database.url, 1)
  try {
    return await work(pool)
  } finally {
    await pool.end({ timeout: 1 })
  }
}

const pidOf = async (sql: postgres.Sql | postgres.TransactionSql): Promise<number> =>
  Number((await sql`select pg_backend_pid() as pid`)[0]?.["pid"])
const end = (pid: number) => database.client`select pg_terminate_backend(${pid}, 5000)`
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "answered",
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "another error"),
  )
const written = async () => [...(await database.client`select who from written order by who`)].map((row) => row["who"])

test(
  "every query of a cut connection fails, and the next ones are answered",
  () =>
    withOne(async (pool) => {
      for (let round = 0; round < 5; round++) {
        const pid = await pidOf(pool)
        const cut = [1, 2, 3].map((n) => codeOf(pool`select pg_sleep(${n === 1 ? 60 : 0})`))
        // The first is known to run once another session sees it.
        const runs = async () =>
          (
            await database.client`select 1 from pg_stat_activity where pid = ${pid} and query like '%pg_sleep%' and state = 'active'`
          ).length
        while ((await runs()) === 0) await Bun.sleep(1)
        await end(pid)
        // Those that waited behind it may be answered by the next connection.
        expect((await Promise.all(cut))[0]).not.toBe("answered")
        expect(await pidOf(pool)).not.toBe(pid)
      }
    }),
  20_000,
)

test("a transaction whose connection is gone ends, and nothing of it gets into the next one", () =>
  withOne(async (pool) => {
    const cut = Promise.withResolvers<void>()
    const other = Promise.withResolvers<void>()
    const after = Promise.withResolvers<string>()
    const lost = codeOf(
      pool.begin(async (tx) => {
        await tx`insert into written values ('lost before')`
        await end(await pidOf(tx))
        await codeOf(tx`select 1`)
        cut.resolve()
        // Now the connection is the other one's.
        await other.promise
        after.resolve(await codeOf(tx`insert into written values ('lost after')`))
      }),
    )
    expect(await lost).not.toBe("answered")
    await cut.promise
    await pool.begin(async (tx) => {
      await tx`insert into written values ('kept')`
      other.resolve()
      expect(await after.promise).not.toBe("answered")
      await tx`select 1`
    })
    expect(await written()).toEqual(["kept"])
  }))

test("a write towards a connection that just closed is an error of its query, not of the process", () =>
  withOne(async (pool) => {
    const reserved = await pool.reserve()
    await end(await pidOf(reserved))
    expect(await codeOf(reserved`select 1`)).not.toBe("answered")
    expect(await codeOf(reserved`select 1`)).not.toBe("answered")
  }))
