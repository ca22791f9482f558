import { mkdir, readdir, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"

const prefix = "incoming-"
/** Longer than any fetch. */
const leftBehindMs = 3_600_000
/** The order in which git itself makes a pack known: the index last. */
const parts = [".pack", ".rev", ".idx"]

/**
 * A place beside a repository's objects for what comes from outside. Nothing there is part of the repository until it is
 * moved in, so a fetch that is cut, too large or refused leaves nothing.
 */
export class Quarantine implements AsyncDisposable {
  private constructor(
    private readonly gitDir: string,
    private readonly folder: string,
  ) {}

  static async open(gitDir: string): Promise<Quarantine> {
    await removeLeftBehind(gitDir)
    const folder = join(gitDir, `${prefix}${crypto.randomUUID()}`)
    await mkdir(join(folder, "pack"), { recursive: true, mode: 0o700 })
    return new Quarantine(gitDir, folder)
  }

  /** For git: new objects go here, those of the repository are known. */
  get env(): Record<string, string> {
    return { GIT_OBJECT_DIRECTORY: this.folder, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(this.gitDir, "objects") }
  }

  /** Makes what came part of the repository. */
  async moveIn(): Promise<void> {
    const objects = join(this.gitDir, "objects/pack")
    await mkdir(objects, { recursive: true })
    const names = await readdir(join(this.folder, "pack"))
    for (const part of parts)
      for (const name of names.filter((name) => name.startsWith("pack-") && name.endsWith(part)))
        await rename(join(this.folder, "pack", name), join(objects, name))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Of a server that was killed meanwhile. */
async function removeLeftBehind(gitDir: string): Promise<void> {
  for (const name of (await readdir(gitDir)).filter((name) => name.startsWith(prefix))) {
    const { mtimeMs } = await stat(join(gitDir, name)).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > leftBehindMs) await rm(join(gitDir, name), { recursive: true, force: true })
  }
}
