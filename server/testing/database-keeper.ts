/**
 * Runs the Postgres of the tests (started by `database.ts`) and ends it, with its folder, when no test process has
 * been connected for a while. A process of its own, because test processes come and go and may be killed.
 */
import { renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { withFileLock } from "../lib/file-lock.ts"
import { openPool } from "../lib/pool.ts"
import { startEmbedded } from "../ports/database/embedded/embedded.ts"

const folder = process.argv[2] ?? ""
const IDLE_MS = 30_000

// The content of a test database is worth nothing after a power cut, so nothing waits for the disk.
const server = await startEmbedded(folder, {
  settings: {
    fsync: "off",
    synchronous_commit: "on",
    full_page_writes: "off",
    max_connections: "400",
  },
})
const url = server.url.replace(/\/gochat$/, "/postgres")
const note = join(folder, "keeper")
writeFileSync(`${note}.new`, `${process.pid} ${url}`, { mode: 0o600 })
renameSync(`${note}.new`, note)

const client = openPool(url, 1, { idle_timeout: 0, max_lifetime: null })
let used = Date.now()
for (;;) {
  if (await inUse()) used = Date.now()
  else if (Date.now() - used > IDLE_MS && (await end())) break
  await Bun.sleep(2_000)
}

async function inUse(): Promise<boolean> {
  const [row] = await client`
    select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`
  return row?.["n"] !== 0
}

/** Under the lock that whoever wants a database takes first, so that nobody is given one that ends. */
function end(): Promise<boolean> {
  return withFileLock(`${folder}.lock`, 120_000, async () => {
    if (await inUse()) return false
    await client.end({ timeout: 1 })
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
    rmSync(`${folder}.keeper.log`, { force: true })
    return true
  })
}
