import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type postgres from "postgres"
import { type Database, openDatabase } from "../lib/database.ts"
import { withFileLock } from "../lib/file-lock.ts"
import { openPool } from "../lib/pool.ts"
import { migrateDatabase, migrationsFolder } from "../lib/migrate.ts"

/** An own, migrated database on a real Postgres. */
export interface TestDatabase {
  readonly url: string
  readonly db: Database
  readonly client: postgres.Sql
  /** Ends the connections and drops the database. */
  close(): Promise<void>
}

let connecting: Promise<{ url: URL; admin: postgres.Sql; template: string }> | undefined

/** A fresh migrated database. One Postgres serves all tests of this checkout; the first who asks starts it. */
export async function testDatabase(): Promise<TestDatabase> {
  connecting ??= connect()
  const { url, admin, template } = await connecting
  const name = `test_${Bun.randomUUIDv7("hex")}`
  await admin`create database ${admin(name)} template ${admin(template)}`
  const own = new URL(url)
  own.pathname = name
  const client = openPool(own.href, 10)
  return {
    url: own.href,
    db: openDatabase(client),
    client,
    close: async () => {
      await client.end({ timeout: 1 })
      await admin`drop database if exists ${admin(name)} with (force)`
    },
  }
}

/**
 * The connection that is kept for the life of this process is also the sign of use: `database-keeper.ts` ends the
 * Postgres when nobody is connected any more, which also covers a test process that was killed.
 */
async function connect() {
  const root = join(import.meta.dir, "../..")
  const id = createHash("sha256").update(root).digest("hex").slice(0, 8)
  const folder = join(tmpdir(), `go-chat-test-${process.getuid?.() ?? 0}-${id}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (statSync(folder).uid !== process.getuid?.()) throw new Error(`${folder} belongs to somebody else`)

  return withFileLock(`${folder}.lock`, 120_000, async () => {
    const url = new URL((await runningUrl(folder)) ?? (await startKeeper(folder)))
    const admin = openPool(url.href, 1, { idle_timeout: 0, max_lifetime: null })
    return { url, admin, template: await makeTemplate(admin, url) }
  })
}

/** Named by what the migrations are, so that a change of them makes a new one. */
async function makeTemplate(admin: postgres.Sql, url: URL): Promise<string> {
  const hash = createHash("sha256")
  for (const file of readdirSync(migrationsFolder).filter((name) => name.endsWith(".sql"))) {
    hash.update(readFileSync(join(migrationsFolder, file)))
  }
  const template = `template_${hash.digest("hex").slice(0, 12)}`
  const [made] = await admin`select 1 from pg_database where datname = ${template}`
  if (made) return template
  const half = `${template}_half`
  await admin`drop database if exists ${admin(half)} with (force)`
  await admin`create database ${admin(half)}`
  const own = new URL(url)
  own.pathname = half
  await migrateDatabase(own.href)
  await admin`alter database ${admin(half)} rename to ${admin(template)}`
  return template
}

/** Of a Postgres that answers and has its keeper. */
async function runningUrl(folder: string): Promise<string | null> {
  const file = join(folder, "keeper")
  if (!existsSync(file)) return null
  const [pid = "", url = ""] = readFileSync(file, "utf8").split(" ")
  const probe = openPool(url, 1, { connect_timeout: 2 })
  try {
    process.kill(Number(pid), 0)
    await probe`select 1`
    return url
  } catch {
    return null
  } finally {
    await probe.end({ timeout: 1 })
  }
}

/** Not as a child of ours: `bun test` kills the children of a test that takes too long. */
async function startKeeper(folder: string): Promise<string> {
  rmSync(join(folder, "keeper"), { force: true })
  const log = `${folder}.keeper.log`
  const apart = '"$1" "$2" "$3" >"$4" 2>&1 </dev/null || echo "It did not start." >>"$4" &'
  const keeper = [process.execPath, join(import.meta.dir, "database-keeper.ts"), folder, log]
  Bun.spawnSync(["/bin/sh", "-c", `( ${apart} )`, "sh", ...keeper], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    stdio: ["ignore", "ignore", "ignore"],
    detached: true,
  })
  for (;;) {
    const url = await runningUrl(folder)
    if (url) return url
    const said = existsSync(log) ? readFileSync(log, "utf8") : ""
    if (said.includes("It did not start.")) throw new Error(`The test database did not start: ${said}`)
    await Bun.sleep(20)
  }
}
