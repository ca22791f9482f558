import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { bubblewrap } from "./bubblewrap.ts"
import type { Limits } from "./command-line.ts"
import { passedOn } from "./environment.ts"
import { exec } from "./exec.ts"
import type { Isolation } from "./job.ts"
import { noWall, ownAccount } from "./own-account.ts"

/** Processes and threads that one project may have. */
const maxProcesses = 512

interface Options {
  dataDir: string
  env: Record<string, string | undefined>
  /** Takes this one or fails; without it the strongest that works here. */
  force?: Isolation["kind"]
}

interface Way {
  kind: Isolation["kind"]
  make(): Isolation | Promise<Isolation>
}

/** Finds the strongest isolation by really running something in it: whether it works depends on kernel and container. */
export async function isolate(options: Options): Promise<Isolation> {
  await mkdir(join(options.dataDir, "tmp"), { recursive: true })
  await mkdir(join(options.dataDir, "cache", "bun"), { recursive: true })
  for (const way of ways(options)) {
    if (options.force && way.kind !== options.force) continue
    const isolation = await way.make()
    if (await works(isolation, options.dataDir)) return isolation
  }
  throw new Error(
    `The sandbox "${options.force ?? "process"}" does not work on this machine: not even a simple command runs in it.`,
  )
}

function ways({ dataDir, env }: Options): Way[] {
  const passed = passedOn(env)
  const root = process.getuid?.() === 0
  const prlimit = Bun.which("prlimit") !== null
  const setpriv = Bun.which("setpriv") !== null
  const bwrap = Bun.which("bwrap")
  const limited: Limits = { prlimit, processes: maxProcesses }
  const unlimited: Limits = { prlimit, processes: null }
  const found: Way[] = []
  if (bwrap && (setpriv || !root)) {
    // Kernels before 5.14 count all processes of the person who runs the server: there the limit would end everything.
    for (const limits of [limited, unlimited]) {
      found.push({ kind: "bubblewrap", make: () => bubblewrap({ bwrap, dataDir, passed, limits, root }) })
    }
  }
  if (root && setpriv) found.push({ kind: "uid", make: () => ownAccount({ dataDir, passed, limits: limited }) })
  found.push({ kind: "none", make: () => noWall({ dataDir, passed, limits: unlimited }) })
  return found
}

async function works(isolation: Isolation, dataDir: string): Promise<boolean> {
  const folder = await mkdtemp(join(dataDir, "tmp", "probe-"))
  const [root, data] = [join(folder, "root"), join(folder, "data")]
  await Promise.all([chmod(folder, 0o711), mkdir(root), mkdir(data)])
  try {
    const result = await exec(
      isolation,
      {
        root,
        dataDir: data,
        identity: { type: "project", name: "probe" },
        cache: "read",
        marker: `probe/${crypto.randomUUID()}`,
      },
      {
        root,
        dataDir: data,
        command: 'touch here "$DATA_DIR/there" && (exit 0) & wait $! && bun --version',
        timeoutMs: 10_000,
        maxOutputBytes: 4096,
        signal: new AbortController().signal,
      },
    )
    return result.exitCode === 0 && result.output.trim() === Bun.version
  } catch {
    return false
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
