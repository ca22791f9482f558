/** `bun run db:migrate`: brings the database up to date without starting the server. */
import { loadConfig } from "./config.ts"
import { loadDotEnv } from "./lib/dot-env.ts"
import { migrateDatabase } from "./lib/migrate.ts"
import { StartError } from "./lib/start-error.ts"
import { openDatabaseServer } from "./ports/database/open.ts"
import { holdServerLock } from "./ports/database/server-lock.ts"

try {
  loadDotEnv()
  const config = loadConfig(process.env)
  const database = await openDatabaseServer(config)
  // A refusal must leave the database to the server that uses it; only its holder may stop it.
  const lock = await holdServerLock(database.url, () => process.exit(1))
  await migrateDatabase(database.url)
  await lock.release()
  await database.stop()
  console.log("The database is up to date.")
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exit(1)
}
