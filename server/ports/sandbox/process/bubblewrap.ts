import { existsSync, lstatSync, readlinkSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { commandLine, type Limits } from "./command-line.ts"
import { baseEnvironment, certificateFiles } from "./environment.ts"
import type { Isolation, Wrapped } from "./job.ts"
import { uidOf, uidRange } from "./own-uid.ts"
import { projectRoot } from "./project-root.ts"

/** What of /etc programs need to find names, certificates and libraries. Nothing else of it is there. */
const etc =
  "resolv.conf hosts host.conf gai.conf nsswitch.conf protocols services localtime passwd group ssl pki ca-certificates alternatives ld.so.cache ld.so.conf ld.so.conf.d mime.types".split(
    " ",
  )

const tempBytes = 1024 ** 3

// Runs inside as root, before the job's own account takes over: only the folders of the job can be changed here.
// Another job of the project may be at work in them and put a link in place of a folder (to /dev, say, whose devices
// are the machine's), so find only looks, and chown walks by itself, from open folder to open folder.
const handOver = `
chmod 1777 /tmp /dev/shm
own() {
  [ -z "$(find "$2" ! -uid "$1" -print -quit 2>/dev/null)" ] || chown -R -P -h "$1:$1" "$2" 2>/dev/null
}
own "$1" /workspace
own "$1" /data
[ -w /cache/bun ] && own "$1" /cache/bun
uid=$1
shift
exec setpriv --reuid="$uid" --regid="$uid" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs -- "$@"
`

/**
 * A job sees a read-only system without homes, the server or its data, its own processes, and two folders it may write.
 * A root server gives each project an account of its own inside; otherwise the kernel's user namespace does.
 */
export function bubblewrap(options: {
  bwrap: string
  dataDir: string
  passed: Record<string, string>
  limits: Limits
  root: boolean
}): Isolation {
  const range = uidRange()
  const cache = join(options.dataDir, "cache", "bun")

  return {
    kind: "bubblewrap",
    warning: null,
    dieTogether: true,
    uid: (identity) => (options.root ? uidOf(identity, range, options.dataDir) : null),
    inside: () => ({ dataDir: "/data" }),
    wrap: async (job): Promise<Wrapped> => {
      const filling = job.cache === "fill"
      const command = commandLine(job, filling ? "" : "/cache/bun", options.limits)
      return {
        argv: [
          options.bwrap,
          "--unshare-pid",
          "--unshare-ipc",
          "--unshare-uts",
          ...(options.root ? [] : ["--unshare-user"]),
          "--die-with-parent",
          "--info-fd",
          "3",
          "--new-session",
          ...system(options.dataDir, certificateFiles(options.passed)),
          ...bind(job.root, "/workspace"),
          ...bind(job.dataDir, "/data"),
          ...bind(cache, "/cache/bun", filling ? "--bind" : "--ro-bind"),
          "--chdir",
          "/workspace",
          "--cap-drop",
          "ALL",
          ...(options.root ? asAccount(uidOf(job.identity, range, options.dataDir)) : ["--"]),
          ...command,
        ],
        env: baseEnvironment({
          path: "/opt/gochat/bin:/usr/local/bin:/usr/bin:/bin",
          home: "/tmp/home",
          temp: "/tmp",
          dataDir: "/data",
          packageCache: filling ? "/cache/bun" : "/tmp/bun",
          marker: job.marker,
          passed: options.passed,
        }),
        cwd: "/",
      }
    },
  }
}

const bind = (from: string, to: string, kind = "--bind"): string[] => [kind, from, to]

function asAccount(uid: number): string[] {
  const needed = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_CHOWN", "CAP_DAC_OVERRIDE"]
  return [...needed.flatMap((name) => ["--cap-add", name]), "--", "/bin/sh", "-c", handOver, "sh", String(uid)]
}

function system(dataDir: string, certificates: string[]): string[] {
  const args = ["--ro-bind", "/usr", "/usr"]
  for (const path of ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]) {
    const kind = lstatSync(path, { throwIfNoEntry: false })
    if (kind?.isSymbolicLink()) args.push("--symlink", readlinkSync(path), path)
    else if (kind) args.push("--ro-bind", path, path)
  }
  for (const store of ["/nix/store", "/gnu/store"]) if (existsSync(store)) args.push("--ro-bind", store, store)
  args.push("--dir", "/etc")
  for (const name of etc) args.push("--ro-bind-try", `/etc/${name}`, `/etc/${name}`)
  args.push("--proc", "/proc", "--dev", "/dev", "--size", String(tempBytes), "--tmpfs", "/tmp", "--dir", "/cache")
  for (const file of certificates)
    if (!/^\/(usr|etc\/(ssl|pki))\//.test(file)) args.push(...parents(file), "--ro-bind", file, file)
  args.push(...runtimes())
  // A server installed or keeping its data below /usr must not be seen either.
  for (const secret of [dataDir, projectRoot, homedir()]) if (secret.startsWith("/usr/")) args.push("--tmpfs", secret)
  return args
}

/** Bun, and Node where it is not part of the system, wherever on this machine they are. */
function runtimes(): string[] {
  const args = ["--dir", "/opt", "--dir", "/opt/gochat", "--dir", "/opt/gochat/bin"]
  args.push("--ro-bind", process.execPath, "/opt/gochat/bin/bun", "--symlink", "bun", "/opt/gochat/bin/bunx")
  const node = Bun.which("node")
  if (node && !node.startsWith("/usr/")) args.push("--ro-bind", node, "/opt/gochat/bin/node")
  return args
}

// Folders that bubblewrap makes by itself can be entered by nobody but root.
function parents(file: string): string[] {
  const folder = dirname(file)
  return folder === "/" ? [] : [...parents(folder), "--dir", folder]
}
