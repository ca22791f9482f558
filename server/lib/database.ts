import { drizzle } from "drizzle-orm/postgres-js"
import type postgres from "postgres"

/** Drizzle over a postgres.js pool. `$client` is the pool itself, for statements that Drizzle cannot say. */
export const openDatabase = (client: postgres.Sql) => drizzle({ client })

export type Database = ReturnType<typeof openDatabase>

/** What runs inside `db.transaction`. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0]

/** Either: for reads that may or may not be part of a transaction. */
export type Queryable = Database | Transaction
