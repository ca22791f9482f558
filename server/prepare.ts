/**
 * Runs before the server and before `node_modules` exists, so it may use nothing but Bun and Node's own modules:
 * checks the machine, installs what is missing, builds the client when its sources changed. Quick when nothing is to do.
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"

const root = join(import.meta.dir, "..")
const NEEDED = [1, 4, 5]
const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]

/** Throws one sentence when this Bun or this system cannot run Go Chat. */
export function checkMachine(version: string, platform: string): void {
  const parts = version.split(/[.-]/).map(Number)
  const differs = NEEDED.findIndex((part, at) => parts[at] !== part)
  if (differs >= 0 && !((parts[differs] ?? 0) > (NEEDED[differs] ?? 0))) {
    throw new Problem(
      `Go Chat needs Bun ${NEEDED.join(".")} or newer and this is Bun ${version}: run "bun upgrade", or start with "npx -y bun@${NEEDED.join(".")} start".`,
    )
  }
  if (!PLATFORMS.includes(platform)) {
    throw new Problem(
      `Go Chat runs on Linux and macOS (x64 and arm64) and not on ${platform}: on Windows start it inside WSL.`,
    )
  }
}

class Problem extends Error {}

/** `bun install` when the lock file is not the one that was installed. */
function install(): void {
  const want = fingerprint(["package.json", "bun.lock", ...patches()])
  if (stamp("install") === want) return
  say("Installing what is missing …")
  run(
    [process.execPath, "install", "--frozen-lockfile"],
    "The packages could not be installed: check the connection to the package registry.",
  )
  writeStamp("install", want)
}

/** Repairs of packages: a changed one must be installed although the lock file is the same. */
const patches = (): string[] => {
  const { patchedDependencies = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  return Object.values(patchedDependencies)
}

/** `vite build` when a source of the client is not the one that was built. */
function buildClient(): void {
  if (!existsSync(join(root, "client/vite.config.ts"))) return
  const sources = [...filesIn("client"), ...filesIn("shared"), "bun.lock"]
  const want = fingerprint(sources.filter((path) => !/^client\/(dist|e2e)\/|\.test\.tsx?$/.test(path)))
  if (stamp("client") === want && existsSync(join(root, "client/dist/index.html"))) return
  say("Building the client …")
  const vite = join(root, "node_modules/vite/bin/vite.js")
  run(
    [process.execPath, vite, "build", "--config", "client/vite.config.ts", "--logLevel", "warn"],
    "The client could not be built.",
  )
  writeStamp("client", want)
}

function run(command: string[], problem: string): void {
  // NODE_ENV of the caller must decide neither what is installed nor how the client is built.
  const { NODE_ENV: _, ...env } = process.env
  const result = Bun.spawnSync(command, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] })
  if (result.success) return
  process.stderr.write(result.stdout)
  process.stderr.write(result.stderr)
  throw new Problem(problem)
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

function fingerprint(paths: string[]): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`)
  for (const path of paths) hash.update(path).update(readFileSync(join(root, path)))
  return hash.digest("hex")
}

const stampPath = (name: string): string => join(root, "node_modules/.go-chat", name)

function stamp(name: string): string | null {
  return existsSync(stampPath(name)) ? readFileSync(stampPath(name), "utf8") : null
}

function writeStamp(name: string, value: string): void {
  mkdirSync(join(root, "node_modules/.go-chat"), { recursive: true })
  writeFileSync(stampPath(name), value)
}

const say = (words: string) => process.stdout.write(`${words}\n`)

/** Everything that must be true before the server's own code can be loaded. */
export function prepare({ client }: { client: boolean }): void {
  checkMachine(Bun.version, `${process.platform}-${process.arch}`)
  install()
  if (client) buildClient()
}

if (import.meta.main) {
  try {
    prepare({ client: true })
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}
