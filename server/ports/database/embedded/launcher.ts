import { chownSync, readFileSync, statSync } from "node:fs"
import { isAbsolute, join, relative } from "node:path"
import { StartError } from "../../../lib/start-error.ts"

/** How a Postgres program is started on this machine: as which account, and under which names it sees its two folders. */
export interface Launcher {
  command(argv: readonly string[]): string[]
  /** The folder with the binaries, as the program sees it. */
  readonly native: string
  /** The folder with the data, as the program sees it. */
  readonly folder: string
}

/** What a Postgres program gets of our environment: nothing. Keys of ours must not stand in `/proc/<pid>/environ`. */
export const cleanEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C",
  TZ: "UTC",
}

const NOT_AS_ROOT =
  "Postgres refuses to run as root and no other account could be used for the embedded one: start Go Chat as an ordinary user, or set DATABASE_URL to a Postgres 16 or newer"

/**
 * Not root: the programs run as we do. Root: as an account without rights. Where that account cannot enter the
 * folders (a parent is 0700), inside a mount namespace of its own in which both folders have a reachable name.
 */
export function makeLauncher(native: string, folder: string): Launcher {
  if (process.getuid?.() !== 0) return { native, folder, command: (argv) => [...argv] }

  const account = chooseAccount(folder)
  chownSync(folder, account.uid, account.gid)
  const setpriv = Bun.which("setpriv")
  if (!setpriv) throw new StartError(`${NOT_AS_ROOT} (setpriv is missing).`)
  const drop = [setpriv, `--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups", "--no-new-privs"]

  const direct: Launcher = { native, folder, command: (argv) => [...drop, ...argv] }
  if (reaches(direct)) return direct

  const unshare = Bun.which("unshare")
  if (!unshare) throw new StartError(`${NOT_AS_ROOT} (unshare is missing).`)
  const mount = mountPoint([native, folder])
  const namespace: Launcher = {
    native: join(mount, "native"),
    folder: join(mount, "postgres"),
    command: (argv) => [
      unshare,
      "--mount",
      "--propagation=private",
      "--",
      "/bin/sh",
      "-c",
      ENTER,
      "go-chat",
      mount,
      native,
      folder,
      ...drop,
      ...argv,
    ],
  }
  if (reaches(namespace)) return namespace
  throw new StartError(`${NOT_AS_ROOT} (the account ${account.name} cannot enter ${folder}).`)
}

// The binds are made before the privileges are dropped; the last line becomes the program, so its pid is ours to watch.
const ENTER = `set -e
mount -t tmpfs -o mode=755,size=64k go-chat "$1"
mkdir "$1/native" "$1/postgres"
mount --bind "$2" "$1/native"
mount --bind "$3" "$1/postgres"
cd "$1/postgres"
shift 3
exec "$@"`

/** An existing data folder keeps its owner; a new one goes to `postgres` where the system has that account, else to `nobody`. */
function chooseAccount(folder: string): { name: string; uid: number; gid: number } {
  const owner = statSync(folder)
  if (owner.uid !== 0) return { name: String(owner.uid), uid: owner.uid, gid: owner.gid }
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
  for (const name of ["postgres", "nobody"]) {
    const found = accounts.find((fields) => fields[0] === name)
    if (found) return { name, uid: Number(found[2]), gid: Number(found[3]) }
  }
  throw new StartError(`${NOT_AS_ROOT} (neither postgres nor nobody exists).`)
}

function reaches(launcher: Launcher): boolean {
  const script = '[ -x "$1" ] && [ -r "$2" ] && [ -w "$3" ] && [ -x "$3" ]'
  const argv = [
    join(launcher.native, "bin/postgres"),
    join(launcher.native, "share/postgresql/postgres.bki"),
    launcher.folder,
  ]
  const test = launcher.command(["/bin/sh", "-c", script, "sh", ...argv])
  return Bun.spawnSync(test, { env: cleanEnvironment, stdio: ["ignore", "ignore", "ignore"] }).success
}

/** A folder of the system that may be covered inside the namespace: it must hide none of the folders we need. */
function mountPoint(needed: readonly string[]): string {
  const hides = (point: string) =>
    needed.some((path) => {
      const from = relative(point, path)
      return from === "" || (!from.startsWith("..") && !isAbsolute(from))
    })
  const point = ["/mnt", "/media", "/srv", "/opt"].find((path) => isFolder(path) && !hides(path))
  if (!point) throw new StartError(`${NOT_AS_ROOT} (there is no free mount point).`)
  return point
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
