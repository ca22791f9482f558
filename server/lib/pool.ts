import postgres from "postgres"

/** Pause before the n-th try to reach a database that went away. The driver's own grows to 20 s, for every query. */
const backoffSeconds = (attempt: number): number => Math.min(0.02 * attempt, 0.5)

/**
 * Connections to the database. What stands beside this in `server/ports/database/patches` repairs the driver where a
 * cut connection left queries waiting for ever, or let them run in somebody else's transaction.
 */
export const openPool = (url: string, max: number, options: postgres.Options<{}> = {}): postgres.Sql =>
  postgres(url, { max, connect_timeout: 10, backoff: backoffSeconds, onnotice: () => {}, ...options })
