import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ArtifactFile } from "../port.ts"
import { isArtifactPath, listZip } from "./artifacts-zip.ts"
import type { GitLabClient } from "./client.ts"
import { errorOfConnection, GitLabError } from "./errors.ts"
import { listJobs, type RemoteJob } from "./pipelines.ts"

export interface ArtifactLimits {
  /** Of an archive that is looked into, and of a file that is opened. */
  bytes: number
  files: number
  /** So long one may take to come. */
  ms: number
}

const artifactLimits: ArtifactLimits = { bytes: 100_000_000, files: 20_000, ms: 120_000 }
/** Lists that are remembered. */
const mostLists = 200

type Files = { path: string; size: number }[]

/** What GitLab kept of jobs. Nothing is ever unpacked here: lists are read off archives, files come one by one. */
export class GitLabArtifacts {
  readonly #lists = new Map<string, Promise<Files>>()
  readonly #limits: ArtifactLimits

  constructor(
    private readonly client: GitLabClient,
    limits: Partial<ArtifactLimits> = {},
  ) {
    this.#limits = { ...artifactLimits, ...limits }
  }

  /** Of all jobs of a pipeline; `idOf` gives our id of a job, null for one that is not shown. */
  async list(
    remoteId: number,
    pipelineId: number,
    idOf: (remoteJobId: number) => string | null,
  ): Promise<ArtifactFile[]> {
    const found: ArtifactFile[] = []
    for (const job of await listJobs(this.client, remoteId, pipelineId)) {
      const jobId = idOf(job.id)
      if (jobId === null || job.artifacts_file == null) continue
      for (const { path, size } of await this.#files(remoteId, job)) found.push({ jobId, name: job.name, path, size })
    }
    return found
  }

  /** One file; null when there is none, or it is too large. */
  async open(remoteId: number, remoteJobId: number, path: string): Promise<Blob | null> {
    if (!isArtifactPath(path)) return null
    const name = path.split("/").map(encodeURIComponent).join("/")
    return this.#fetch(`projects/${remoteId}/jobs/${remoteJobId}/artifacts/${name}`, async (chunks) => {
      const parts: Uint8Array<ArrayBuffer>[] = []
      for await (const chunk of chunks) parts.push(new Uint8Array(chunk))
      return new Blob(parts)
    })
  }

  /** Once an archive was read its list is known; a job whose archive changed has another size, or another number. */
  async #files(remoteId: number, { id, artifacts_file: file }: RemoteJob): Promise<Files> {
    const size = file?.size ?? 0
    if (size > this.#limits.bytes) return []
    const key = `${remoteId}/${id}/${size}`
    const known = this.#lists.get(key) ?? this.#download(remoteId, id)
    this.#lists.delete(key)
    this.#lists.set(key, known)
    for (const oldest of this.#lists.keys()) if (this.#lists.size > mostLists) this.#lists.delete(oldest)
    try {
      return await known
    } catch (error) {
      this.#lists.delete(key)
      throw error
    }
  }

  async #download(remoteId: number, remoteJobId: number): Promise<Files> {
    const folder = await mkdtemp(join(tmpdir(), "artifacts-"))
    try {
      const path = join(folder, "artifacts.zip")
      const listed = await this.#fetch(`projects/${remoteId}/jobs/${remoteJobId}/artifacts`, async (chunks) => {
        const writer = Bun.file(path).writer()
        try {
          for await (const chunk of chunks) {
            await writer.write(chunk)
            await writer.flush()
          }
        } finally {
          await writer.end()
        }
        return listZip(path, this.#limits.files)
      })
      return listed ?? []
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** null: it is not there, or larger than is taken. */
  async #fetch<T>(path: string, read: (chunks: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T | null> {
    const signal = AbortSignal.timeout(this.#limits.ms)
    try {
      const { body } = await this.client.open(path, signal)
      return body === null ? null : await read(this.#bounded(body))
    } catch (error) {
      if (error instanceof TooLarge || (error instanceof GitLabError && error.kind === "missing")) return null
      throw errorOfConnection(error, "GET", "")
    }
  }

  async *#bounded(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    let size = 0
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > this.#limits.bytes) throw new TooLarge()
      yield chunk
    }
  }
}

class TooLarge extends Error {}
