import { join } from "node:path"
import type { Repository } from "../../repository/port.ts"
import type { ImageSource, Sandbox } from "../../sandbox/port.ts"
import type { Forge, PipelineEvent, PipelineInput } from "../port.ts"
import { Artifacts } from "./artifacts.ts"
import { ChecksFileError } from "./checks-file-error.ts"
import { EventQueue } from "../event-queue.ts"
import { foldersIn, isId, removeFolder } from "./folders.ts"
import { fileChars } from "./located.ts"
import { parseChecksFile } from "./parse.ts"
import { Pipeline } from "./pipeline.ts"
import { planPipeline, type PlannedJob } from "./plan.ts"
import { faultWords, type JobLimits, jobLimits } from "./run-job.ts"
import { type Surroundings, usual } from "./variables.ts"

const checksFilePath = ".gitlab-ci.yml"

export interface LocalForgeOptions {
  dataDir: string
  repository: Repository
  sandbox: Sandbox
  /** Image of an app whose files are in this folder, for jobs that name none; null = what the server uses. */
  imageOf?: (root: string) => Promise<ImageSource | null>
  /** Where a pipeline runs, when that is not this machine alone. */
  around?: (input: PipelineInput) => Surroundings
  /** Told of what went wrong on our side; the pipeline then fails in plain words. */
  onFault?: (error: unknown) => void
  limits?: Partial<JobLimits>
  /** Jobs of one build that run at once. */
  parallel?: number
  /** Builds of a project whose artifacts are kept. */
  keepBuilds?: number
}

/** Runs the project's `.gitlab-ci.yml` on this machine, each job on a clean checkout in the project's sandbox. */
export function createLocalForge(options: LocalForgeOptions): Forge {
  const { dataDir, repository, sandbox, imageOf = async () => null, onFault, parallel = 2, keepBuilds = 20 } = options
  const around = options.around ?? (() => usual)
  const limits = { ...jobLimits, ...options.limits }
  const projectFolder = (projectId: string) => join(dataDir, "builds", projectId)
  const buildFolder = (projectId: string, buildId: string) => join(projectFolder(projectId), buildId)
  const artifactsOf = (projectId: string, buildId: string) =>
    new Artifacts(join(buildFolder(projectId, buildId), "artifacts"))
  const active = new Set<string>()

  async function work(input: PipelineInput, emit: (event: PipelineEvent) => void, signal: AbortSignal): Promise<void> {
    active.add(input.buildId)
    try {
      const jobs = await plan(repository, input, around(input))
      const folder = buildFolder(input.projectId, input.buildId)
      if (input.keep.length === 0) await removeFolder(folder)
      const artifacts = artifactsOf(input.projectId, input.buildId)
      const tools = { artifacts, repository, sandbox, imageOf, limits, parallel }
      await new Pipeline({ input, jobs, folder, ...tools, emit, signal }).run()
      await removeOld(input.projectId)
    } catch (error) {
      if (signal.aborted) emit({ type: "finished", status: "canceled", error: null })
      else if (error instanceof ChecksFileError) emit({ type: "finished", status: "failed", error: error.message })
      else {
        onFault?.(error)
        emit({ type: "finished", status: "failed", error: `The checks could not be run: ${faultWords(error)}` })
      }
    } finally {
      active.delete(input.buildId)
    }
  }

  /** Ids are made so that newer ones sort later. */
  async function removeOld(projectId: string): Promise<void> {
    const builds = (await foldersIn(projectFolder(projectId))).filter(isId).sort()
    for (const buildId of builds.slice(0, -keepBuilds)) {
      if (!active.has(buildId)) await removeFolder(buildFolder(projectId, buildId))
    }
  }

  return {
    mode: "local",
    // Checks of one project share its files and caches, and all share this machine.
    atOnce: { builds: 2, ofProject: 1 },
    remote: null,
    async *run(input, signal) {
      const left = new AbortController()
      const queue = new EventQueue<PipelineEvent>()
      const emit = (event: PipelineEvent) => queue.push(event)
      emit({ type: "pipeline", status: "running", number: null, branch: null, webUrl: null })
      const done = work(input, emit, AbortSignal.any([signal, left.signal])).finally(() => queue.end())
      try {
        yield* queue
      } finally {
        // A reader that walks away ends the jobs, too.
        left.abort()
        await done
      }
    },
    artifacts: async ({ projectId, buildId }) =>
      isId(projectId) && isId(buildId) ? artifactsOf(projectId, buildId).list() : [],
    openArtifact: async ({ projectId, buildId }, jobId, path) =>
      isId(projectId) && isId(buildId) ? artifactsOf(projectId, buildId).open(jobId, path) : null,
    removeProject: async (projectId) => {
      if (isId(projectId)) await removeFolder(projectFolder(projectId))
    },
    health: () => sandbox.health(),
  }
}

async function plan(repository: Repository, input: PipelineInput, around: Surroundings): Promise<PlannedJob[]> {
  const bytes = await repository.read(input.projectId, input.sha, checksFilePath)
  if (bytes === null) throw new ChecksFileError(`This version has no checks file (${checksFilePath})`, null)
  if (bytes.byteLength > fileChars * 4) throw new ChecksFileError("The checks file is too large", null)
  const jobs = planPipeline(parseChecksFile(new TextDecoder().decode(bytes)), input, around)
  if (jobs.length === 0) throw new ChecksFileError("No check of the checks file applies to this version", null)
  return jobs
}
