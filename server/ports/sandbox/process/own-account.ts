import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs"
import { copyFile, link, mkdtemp, readFile, rm, symlink } from "node:fs/promises"
import { join } from "node:path"
import { commandLine, type Limits } from "./command-line.ts"
import { baseEnvironment } from "./environment.ts"
import type { Isolation, JobInput, Wrapped } from "./job.ts"
import { uidOf, uidRange } from "./own-uid.ts"

/** Rooms of the data folder that jobs have to walk through; all others are closed to them. */
const passages = ["workspaces", "releases", "data", "builds", "cache", "tmp"]

interface Options {
  dataDir: string
  passed: Record<string, string>
  limits: Limits
}

/** Without bubblewrap on a root server: each project is an account of its own, which cannot read the server's files or memory. */
export async function ownAccount(options: Options): Promise<Isolation> {
  const range = uidRange()
  const { dataDir } = options
  closeRooms(dataDir)
  const path = await programs(dataDir, true)
  const used = new Set(await usedUids(dataDir))
  const remember = (uid: number) => {
    if (used.has(uid)) return
    used.add(uid)
    appendFileSync(uidFile(dataDir), `${uid}\n`)
  }
  return {
    kind: "uid",
    warning:
      "Apps run as users of their own and cannot read this server's keys, but they see every file that all users of this machine may read. Install bubblewrap for a real wall.",
    dieTogether: false,
    uid: (identity) => uidOf(identity, range, dataDir),
    inside: ({ dataDir: data }) => ({ dataDir: data }),
    wrap: async (job) => {
      const uid = uidOf(job.identity, range, dataDir)
      remember(uid)
      const wrapped = await plainJob(job, { ...options, path })
      const folders = [job.root, job.dataDir, wrapped.env["TMPDIR"]!]
      if (job.cache === "fill") folders.push(join(dataDir, "cache", "bun"))
      for (const folder of folders) await handOver(folder, uid)
      const become = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
      return {
        ...wrapped,
        argv: ["setpriv", ...become, "--no-new-privs", "--pdeathsig", "KILL", "--", ...wrapped.argv],
      }
    },
  }
}

const uidFile = (dataDir: string) => join(dataDir, "cache", "uids")

/** Accounts that jobs of this server ever had: whatever still runs under one of them is a left-over. */
export async function usedUids(dataDir: string): Promise<number[]> {
  const text = await readFile(uidFile(dataDir), "utf8").catch(() => "")
  return text.split("\n").filter(Boolean).map(Number)
}

/** Without bubblewrap and without root: a clean environment, nothing more. */
export async function noWall(options: Options): Promise<Isolation> {
  const path = await programs(options.dataDir, false)
  const tied = Bun.which("setpriv") !== null && process.platform === "linux"
  return {
    kind: "none",
    warning:
      "Apps run without a wall here and can read this server's keys and your files. Install bubblewrap, or let only people you trust use this server.",
    dieTogether: false,
    uid: () => null,
    inside: ({ dataDir }) => ({ dataDir }),
    wrap: async (job) => {
      const wrapped = await plainJob(job, { ...options, path })
      return tied ? { ...wrapped, argv: ["setpriv", "--pdeathsig", "KILL", "--", ...wrapped.argv] } : wrapped
    },
  }
}

async function plainJob(job: JobInput, options: Options & { path: string }): Promise<Wrapped> {
  const temp = await mkdtemp(join(options.dataDir, "tmp", "job-"))
  const shared = join(options.dataDir, "cache", "bun")
  const filling = job.cache === "fill"
  return {
    argv: commandLine(job, filling ? "" : shared, options.limits),
    env: baseEnvironment({
      path: options.path,
      home: join(temp, "home"),
      temp,
      dataDir: job.dataDir,
      packageCache: filling ? shared : join(temp, "bun"),
      marker: job.marker,
      passed: options.passed,
    }),
    cwd: job.root,
    temp,
  }
}

async function handOver(folder: string, uid: number): Promise<void> {
  // Without following links, and by file descriptors: a link that an app puts in the way is changed itself.
  const chown = Bun.spawn(
    ["find", folder, "!", "-uid", String(uid), "-execdir", "chown", "-h", `${uid}:${uid}`, "{}", "+"],
    {
      env: { PATH: "/usr/bin:/bin" },
      stdio: ["ignore", "ignore", "ignore"],
    },
  )
  await chown.exited
  chmodSync(folder, 0o700)
}

function closeRooms(dataDir: string): void {
  chmodSync(dataDir, 0o711)
  for (const name of passages) mkdirSync(join(dataDir, name), { recursive: true })
  // Made later it would be open, and its names are the ids that lead into the passages.
  mkdirSync(join(dataDir, "repos"), { recursive: true })
  for (const entry of readdirSync(dataDir, { withFileTypes: true })) {
    if (entry.name === "postgres") continue
    if (entry.isDirectory()) chmodSync(join(dataDir, entry.name), passages.includes(entry.name) ? 0o711 : 0o700)
    else if (entry.isFile()) chmodSync(join(dataDir, entry.name), 0o600)
  }
}

/** A folder with `bun` and `bunx` by these names, whatever the binary is called and wherever it is. */
async function programs(dataDir: string, forOthers: boolean): Promise<string> {
  const folder = join(dataDir, "cache", `bin-${Bun.version}`)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const bun = join(folder, "bun")
  if (!existsSync(bun)) {
    await rm(bun, { force: true })
    if (!forOthers) await symlink(process.execPath, bun)
    // A home of root cannot be entered by others: a second name for the same file, or a copy, can.
    else await link(process.execPath, bun).catch(() => copyFile(process.execPath, bun))
  }
  if (!existsSync(join(folder, "bunx"))) await symlink("bun", join(folder, "bunx"))
  return `${folder}:/usr/local/bin:/usr/bin:/bin`
}
