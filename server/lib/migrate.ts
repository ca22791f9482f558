import { join } from "node:path"
import { drizzle } from "drizzle-orm/postgres-js"
import { migrate } from "drizzle-orm/postgres-js/migrator"
import { openPool } from "./pool.ts"

/** Where the generated migrations are. */
export const migrationsFolder = join(import.meta.dir, "../../drizzle/migrations")

// Any number works, it only has to be the same in every Go Chat and unlike the server's own lock.
const MIGRATION_LOCK = 7_310_027

/**
 * Brings the database up to date. Several servers may do it at once: a session lock on the one connection that also
 * runs the migrations lets one work and the others find nothing to do (drizzle itself does not lock).
 */
export async function migrateDatabase(url: string): Promise<void> {
  const client = openPool(url, 1)
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`
    await migrate(drizzle({ client }), { migrationsFolder })
  } finally {
    await client.end()
  }
}
