import { openPool } from "../../../lib/pool.ts"
import { StartError } from "../../../lib/start-error.ts"
import type { DatabaseServer } from "../port.ts"

const OLDEST_MAJOR = 16

/** The Postgres that `DATABASE_URL` names: reached, new enough, and not ours to stop. */
export async function connectExternal(url: string): Promise<DatabaseServer> {
  const client = openPool(url, 1)
  try {
    const [row] = await client`select current_setting('server_version') as version`
    const version = String(row?.["version"])
    if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
      throw new StartError(`DATABASE_URL names a Postgres ${version}, and Go Chat needs ${OLDEST_MAJOR} or newer.`)
    }
    return { mode: "external", url, version, stop: async () => {} }
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(
      `The database that DATABASE_URL names cannot be reached (${whatFailed(error, url)}): check the address, the account and that it is running.`,
      {
        cause: error,
      },
    )
  } finally {
    await client.end({ timeout: 1 })
  }
}

/** The words of the failure without the address, which holds the password. */
function whatFailed(error: unknown, url: string): string {
  const message = error instanceof Error ? error.message : "unknown reason"
  const { password } = new URL(url)
  return password ? message.replaceAll(url, "").replaceAll(decodeURIComponent(password), "[hidden]") : message
}
