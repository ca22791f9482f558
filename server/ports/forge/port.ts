import type { BuildStatus } from "../../../shared/build.ts"

export interface PipelineInput {
  projectId: string
  buildId: string
  sha: string
  /** What jobs see as the project's name: its slug. */
  projectName: string
  /** Jobs of an earlier attempt that stay as they are, with their ids and artifacts. */
  keep: readonly KeptJob[]
  /** Names of manual jobs that a person started. */
  play: readonly string[]
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
}

export type PipelineEvent =
  /** All jobs, once the file was read. */
  | { type: "planned"; jobs: PipelineJob[] }
  /** `allowFailure` may become true with the exit code of a failure. */
  | { type: "job"; jobId: string; status: BuildStatus; allowFailure: boolean; at: Date }
  | { type: "log"; jobId: string; text: string }
  /** The end. `error` is the first plain line of what failed, also when the file itself was refused. */
  | { type: "finished"; status: BuildStatus; error: string | null }

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
  /**
   * Runs the pipeline of `sha` from `.gitlab-ci.yml`. Ends with exactly one `finished`; never throws for a
   * pipeline that fails or a file that is refused. Aborting the signal cancels: `finished` with `canceled`;
   * with the reason `left` it may go on elsewhere, and be followed again.
   */
  run(input: PipelineInput, signal: AbortSignal): AsyncIterable<PipelineEvent>
  artifacts(projectId: string, buildId: string): Promise<ArtifactFile[]>
  /** null when there is no such artifact. */
  openArtifact(projectId: string, buildId: string, jobId: string, path: string): Promise<Blob | null>
  removeProject(projectId: string): Promise<void>
  health(): Promise<"healthy" | "unhealthy">
}
