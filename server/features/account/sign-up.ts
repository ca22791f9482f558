import { sql } from "drizzle-orm"
import type { Database } from "../../lib/database.ts"
import { anyUser } from "./store.ts"

/** Any number that no other advisory lock of this database uses. */
const firstAccountLock = 7_217_001

/**
 * Lets sign-ups of this process through one after another, and the very first of all processes alone: so exactly one
 * account finds the house empty. (Each holds a transaction while its password is hashed; a crowd would take the pool.)
 */
export function signUpLine(db: Database): <T>(signUp: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (signUp) => {
    const turn = last.then(async () => {
      if (await anyUser(db)) return signUp()
      return db.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${firstAccountLock})`)
        return signUp()
      })
    })
    last = turn.catch(() => {})
    return turn
  }
}
