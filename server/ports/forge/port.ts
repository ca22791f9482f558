import type { BuildStatus } from "../../../shared/build.ts"

export interface PipelineInput {
  projectId: string
  buildId: string
  sha: string
  /** What jobs see as the project's name: its slug. */
  projectName: string
  /**
   * `first`: nothing ran yet. `again`: a person wants what is not in `keep` to run again, and the manual jobs in `play`
   * to begin. `resumed`: nobody followed it for a while; what runs elsewhere is only looked at.
   */
  attempt: "first" | "again" | "resumed"
  /** Jobs of an earlier attempt that stay as they are, with their ids and artifacts. */
  keep: readonly KeptJob[]
  /** Names of manual jobs that a person started. */
  play: readonly string[]
  /** The version goes to a branch of its own, with a merge request of these words; null = straight to the main branch. */
  mergeRequest: MergeRequestWords | null
}

export interface MergeRequestWords {
  title: string
  description: string
}

export interface KeptJob {
  id: string
  name: string
  status: BuildStatus
  allowFailure: boolean
}

export interface PipelineJob {
  id: string
  name: string
  stage: string
  status: BuildStatus
  allowFailure: boolean
  /** A newer version may end it halfway. */
  interruptible: boolean
  /** Where an engineer sees it at the forge; null when there is no such page. */
  webUrl: string | null
}

export type PipelineEvent =
  /** How the pipeline is now; `number` and `webUrl` are the forge's, `branch` where the version was delivered to. */
  | { type: "pipeline"; status: BuildStatus; number: number | null; branch: string | null; webUrl: string | null }
  /** Nothing moves, for this reason, and it is tried again; null: it moves again. */
  | { type: "waiting"; words: string | null }
  /** All jobs, once the file was read. */
  | { type: "planned"; jobs: PipelineJob[] }
  /** `allowFailure` may become true with the exit code of a failure. */
  | { type: "job"; jobId: string; status: BuildStatus; allowFailure: boolean; at: Date }
  | { type: "log"; jobId: string; text: string }
  /** The end. `error` is the first plain line of what failed, also when the file itself was refused. */
  | { type: "finished"; status: BuildStatus; error: string | null; image?: string | null }
  /** The end, too: the forge has commits that are not here, so the version was not delivered. They have to be brought in. */
  | { type: "moved"; head: string | null }

export interface ArtifactFile {
  jobId: string
  /** What the job calls its artifacts, else the job's name. */
  name: string
  /** Relative to the artifacts of the job. */
  path: string
  size: number
}

/** The reason of an abort after which nobody follows the pipeline any more: what runs elsewhere goes on there. */
export const left = new DOMException("Nobody follows these checks any more.", "AbortError")

/** What runs a project's pipeline. */
export interface Forge {
  readonly mode: "local" | "gitlab"
  /** Pipelines that may be followed at once, over all projects and of one project. */
  readonly atOnce: { builds: number; ofProject: number }
  /**
   * Runs the pipeline of `sha` from `.gitlab-ci.yml`. Ends with exactly one `finished` or `moved`; never throws for a
   * pipeline that fails or a file that is refused. Aborting the signal cancels: `finished` with `canceled`;
   * with the reason `left` it may go on elsewhere, and be followed again.
   */
  run(input: PipelineInput, signal: AbortSignal): AsyncIterable<PipelineEvent>
  artifacts(build: BuildPlace): Promise<ArtifactFile[]>
  /** null when there is no such artifact. The job must be one of the build's. */
  openArtifact(build: BuildPlace, jobId: string, path: string): Promise<Blob | null>
  /** Also what is elsewhere; what cannot be reached now is removed later. */
  removeProject(projectId: string): Promise<void>
  health(): Promise<"healthy" | "unhealthy">
  /** The other side, where others can commit, too; null: there is none. */
  readonly remote: RemoteForge | null
}

/** A build, the number that the forge gave its pipeline, and the ids of its jobs. */
export interface BuildPlace {
  projectId: string
  buildId: string
  pipeline: number | null
  jobIds: readonly string[]
}

export interface MergeRequest {
  /** Its number within the project. */
  number: number
  branch: string
  webUrl: string
  state: "opened" | "merged" | "closed"
}

/** What is remembered of a project at the forge. */
export interface RemoteLink {
  /** The forge's number. */
  remoteId: number
  /** With its groups: `apps/shop`. */
  path: string
  webUrl: string
  cloneUrl: string
  /** Its main branch. */
  branch: string
  /** Newest commit of that branch, as it was last seen; null while it has none. */
  head: string | null
  /** The title it was last given. */
  title: string
  /** The one that was opened last. */
  mergeRequest: MergeRequest | null
  /** Where images of it go to in its registry; null when it has none. */
  images: string | null
  /** Stands for what its hook was last given, and tells nothing of it; null: it has none, or nobody knows. */
  hook: string | null
}

/** What a forge needs to know of projects, and to remember; kept by who owns the database. */
export interface RemoteLinks {
  find(projectId: string): Promise<RemoteLink | null>
  /** False when the project was removed meanwhile. */
  save(projectId: string, link: RemoteLink): Promise<boolean>
  /** Words for a new project; null when it is gone. `address`: where people find it here. */
  describe(projectId: string): Promise<{ slug: string; title: string; description: string; address: string } | null>
  /** A project that has to be removed at the forge, until `removed` says that it is. */
  remove(remoteId: number): Promise<void>
  removed(remoteId: number): Promise<void>
}

export interface HookRequest {
  headers: Headers
  /** As it came. */
  body: Uint8Array
}

export interface SetupReport {
  /** Nothing works before these are solved. Each says what to do. */
  problems: string[]
  warnings: string[]
  version: string | null
}

export interface RemoteForge {
  readonly url: string
  /**
   * Brings the main branch's newest commit into the repository and answers it; null when there is none. Throws
   * `RemoteGitError`.
   */
  fetch(projectId: string, signal: AbortSignal): Promise<string | null>
  /** Gives it the title that the project has here. */
  rename(projectId: string, title: string, signal: AbortSignal): Promise<void>
  /** Sees to it that news of the project come here. */
  watch(projectId: string, signal: AbortSignal): Promise<void>
  /** Something may have changed: who follows this pipeline looks at once. */
  hint(projectId: string, pipeline: number | null): void
  /** How a pipeline is; null when there is none. */
  pipelineStatus(projectId: string, pipeline: number, signal: AbortSignal): Promise<BuildStatus | null>
  /** How the newest merge request is now, also remembered; null when there is none. */
  mergeRequest(projectId: string, signal: AbortSignal): Promise<MergeRequest | null>
  /** Did the forge send this for the project? */
  verify(projectId: string, request: HookRequest): "genuine" | "stale" | "forged"
  /** Whether everything is there to work with it. Never throws, but for an aborted signal. */
  check(signal: AbortSignal): Promise<SetupReport>
  /** Removes a project of which nothing is left here. */
  removeLeftover(remoteId: number, signal: AbortSignal): Promise<void>
}
