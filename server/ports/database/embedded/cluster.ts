import { randomBytes } from "node:crypto"
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { StartError } from "../../../lib/start-error.ts"
import { EMBEDDED_MAJOR } from "./binaries.ts"
import { cleanEnvironment, type Launcher } from "./launcher.ts"

/** Where the embedded database keeps things below DATA_DIR. */
export interface ClusterPaths {
  /** Belongs to the database's account. */
  readonly folder: string
  readonly data: string
  /** Beside the folder, so that the database's account never reads it. */
  readonly password: string
  readonly log: string
  readonly lock: string
}

/** The account inside Postgres that the server uses. */
export const DATABASE_USER = "gochat"

/** The paths of the embedded database of a DATA_DIR. */
export const clusterPaths = (dataDir: string): ClusterPaths => ({
  folder: join(dataDir, "postgres"),
  data: join(dataDir, "postgres", "data"),
  password: join(dataDir, "postgres.password"),
  log: join(dataDir, "postgres.log"),
  lock: join(dataDir, "postgres.lock"),
})

/** Makes the database cluster when there is none, and refuses one that these binaries cannot open. Returns the password. */
export function prepareCluster(paths: ClusterPaths, launcher: Launcher): string {
  if (!existsSync(join(paths.data, "PG_VERSION"))) return initialise(paths, launcher)
  checkVersion(paths)
  if (!existsSync(paths.password)) {
    throw new StartError(`The password of the embedded database is gone: put ${paths.password} back from your backup.`)
  }
  return readFileSync(paths.password, "utf8").trim()
}

/** Refuses the data of another major version before Postgres does, with the way out. */
export function checkVersion(paths: ClusterPaths): void {
  const version = readFileSync(join(paths.data, "PG_VERSION"), "utf8").trim()
  if (version === EMBEDDED_MAJOR) return
  throw new StartError(
    `The data in ${paths.data} was written by Postgres ${version} and this Go Chat brings Postgres ${EMBEDDED_MAJOR}: dump it with the older Go Chat's Postgres (pg_dump), move the folder away, start once and load the dump, as docs/operations.md describes.`,
  )
}

/** `initdb` beside the final place, then a rename: an interrupted one is simply made again. */
function initialise(paths: ClusterPaths, launcher: Launcher): string {
  const password = randomBytes(24).toString("base64url")
  const half = join(paths.folder, "data.new")
  const secret = join(paths.folder, "initdb.password")
  rmSync(half, { recursive: true, force: true })
  rmSync(secret, { force: true })
  const owner = statSync(paths.folder)
  writeFileSync(secret, `${password}\n`, { mode: 0o600, flag: "wx" })
  if (process.getuid?.() === 0) chownSync(secret, owner.uid, owner.gid)

  const made = Bun.spawnSync(launcher.command(initdbArguments(launcher)), {
    env: cleanEnvironment,
    cwd: "/",
    stdin: "ignore",
  })
  rmSync(secret, { force: true })
  if (!made.success) {
    throw new StartError(
      `The embedded database could not be made in ${paths.folder} (${lastLine(made.stderr.toString())}). Set DATABASE_URL to use a Postgres of your own.`,
    )
  }
  writeFileSync(paths.password, `${password}\n`, { mode: 0o600 })
  renameSync(half, paths.data)
  return password
}

const initdbArguments = (launcher: Launcher): string[] => [
  join(launcher.native, "bin/initdb"),
  `--pgdata=${join(launcher.folder, "data.new")}`,
  `--pwfile=${join(launcher.folder, "initdb.password")}`,
  `--username=${DATABASE_USER}`,
  "--auth=scram-sha-256",
  // The built-in provider needs no locale of the system and knows the letters of every script.
  "--encoding=UTF8",
  "--no-locale",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
]

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "no reason was given"

/** Makes the folder for the cluster, closed to other people. */
export function makeFolder(paths: ClusterPaths): void {
  try {
    mkdirSync(paths.folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StartError(
      `The data folder cannot be written: ${paths.folder} (set DATA_DIR to a folder that you own).`,
      { cause },
    )
  }
}
