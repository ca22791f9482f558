import { chmod, constants, copyFile, lstat, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises"
import { dirname, join, posix } from "node:path"
import type { ArtifactFile } from "../port.ts"
import { findArtifacts } from "./artifact-match.ts"
import type { ArtifactSpec } from "./checks-file.ts"
import { isId, makeInside, removeFolder } from "./folders.ts"

const artifactLimits = { bytes: 100_000_000, files: 20_000 } as const

/** What was kept of a job, beside the folder with the files. */
interface Manifest {
  name: string
  /** ISO time; null: for ever. */
  expiresAt: string | null
  files: { path: string; size: number }[]
  /** Links are remembered, not made: nothing in the folder can lead out of it. */
  links: { path: string; target: string }[]
}

/** Thrown when a job leaves more than is kept. */
export class ArtifactsTooLarge extends Error {
  override readonly name = "ArtifactsTooLarge"
}

/** Keeps the artifacts of one build, a folder and a manifest a job. */
export class Artifacts {
  constructor(
    private readonly folder: string,
    private readonly limits: { bytes: number; files: number } = artifactLimits,
  ) {}

  /** Copies what the job's folder holds of its artifacts; returns how many files and links. */
  async save(
    jobId: string,
    jobName: string,
    root: string,
    spec: ArtifactSpec,
    onMissing: (pattern: string) => void,
  ): Promise<number> {
    await this.remove(jobId)
    const found = await findArtifacts(root, spec.paths, spec.exclude, this.limits.files, onMissing)
    if (found.length > this.limits.files) {
      throw new ArtifactsTooLarge(`The artifacts are more than ${this.limits.files.toLocaleString("en")} files`)
    }
    const manifest: Manifest = {
      name: spec.name ?? jobName,
      expiresAt: spec.expireMs === null ? null : new Date(Date.now() + spec.expireMs).toISOString(),
      files: [],
      links: [],
    }
    const target = this.#files(jobId)
    // Closed to everybody else, also for the moment in which a copy has the mode of what it was copied from.
    await mkdir(target, { recursive: true, mode: 0o700 })
    const made = new Set<string>()
    let bytes = 0
    for (const { path, kind } of found) {
      if (kind === "link") {
        manifest.links.push({ path, target: await readlink(join(root, path)) })
        continue
      }
      const { size } = await lstat(join(root, path))
      bytes += size
      if (bytes > this.limits.bytes) {
        await this.remove(jobId)
        throw new ArtifactsTooLarge(`The artifacts are larger than ${Math.round(this.limits.bytes / 1_000_000)} MB`)
      }
      await makeInside(target, dirname(path), made)
      await copyPlain(join(root, path), join(target, path))
      manifest.files.push({ path, size })
    }
    await Bun.write(this.#manifest(jobId), JSON.stringify(manifest))
    return found.length
  }

  /** Lays a job's artifacts into another job's folder; returns how many, null when they are gone. */
  async restore(jobId: string, root: string): Promise<number | null> {
    const manifest = await this.#read(jobId)
    if (manifest === null) return null
    const made = new Set<string>()
    for (const { path } of manifest.files) {
      if (!(await makeInside(root, dirname(path), made))) continue
      await rm(join(root, path), { force: true, recursive: true })
      await copyPlain(join(this.#files(jobId), path), join(root, path))
    }
    for (const { path, target } of manifest.links) {
      if (!staysInside(path, target) || !(await makeInside(root, dirname(path), made))) continue
      await rm(join(root, path), { force: true, recursive: true })
      await symlink(target, join(root, path))
    }
    return manifest.files.length + manifest.links.length
  }

  async list(): Promise<ArtifactFile[]> {
    const names = await readdir(this.folder).catch(() => [])
    const jobIds = names.flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -".json".length)] : []))
    const lists = await Promise.all(
      jobIds.map(async (jobId) => {
        const manifest = await this.#read(jobId)
        return manifest?.files.map(({ path, size }) => ({ jobId, name: manifest.name, path, size })) ?? []
      }),
    )
    return lists.flat()
  }

  async open(jobId: string, path: string): Promise<Blob | null> {
    const manifest = await this.#read(jobId)
    if (!manifest?.files.some((file) => file.path === path)) return null
    const file = Bun.file(join(this.#files(jobId), path))
    return (await file.exists()) ? file : null
  }

  async remove(jobId: string): Promise<void> {
    await rm(this.#manifest(jobId), { force: true })
    await removeFolder(this.#files(jobId))
  }

  async #read(jobId: string): Promise<Manifest | null> {
    if (!isId(jobId)) return null
    const file = Bun.file(this.#manifest(jobId))
    if (!(await file.exists())) return null
    const manifest = (await file.json()) as Manifest
    return manifest.expiresAt !== null && Date.parse(manifest.expiresAt) < Date.now() ? null : manifest
  }

  #files(jobId: string): string {
    return join(this.folder, jobId)
  }

  #manifest(jobId: string): string {
    return join(this.folder, `${jobId}.json`)
  }
}

/**
 * A copy on write where the disk can, readable by us whatever the job set. Of its mode only "a program" is kept: the
 * copy is ours, so one that the job let everybody run in its owner's name would run in ours.
 */
async function copyPlain(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  const { mode } = await lstat(to)
  await chmod(to, (mode & 0o100) === 0 ? 0o644 : 0o755)
}

/** A link is laid down again only when it points into the project. */
function staysInside(path: string, target: string): boolean {
  if (posix.isAbsolute(target)) return false
  const end = posix.normalize(posix.join(posix.dirname(path), target))
  return end !== ".." && !end.startsWith("../")
}
