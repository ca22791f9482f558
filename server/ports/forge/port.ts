import type { BuildStatus } from "../../../shared/build.ts"

export interface PipelineInput {
  projectId: string
  buildId: string
  sha: string
  /** Jobs that finished green in an earlier attempt and need not run again, by name. */
  keep: readonly string[]
}

export interface PipelineJob {
  id: string
  name: string
  stage: string
  status: BuildStatus
  allowFailure: boolean
}

export type PipelineEvent =
  /** All jobs, once the file was read. */
  | { type: "planned"; jobs: PipelineJob[] }
  | { type: "job"; jobId: string; status: BuildStatus; at: Date }
  | { type: "log"; jobId: string; text: string }
  /** The end. `error` is the first plain line of what failed, also when the file itself was refused. */
  | { type: "finished"; status: BuildStatus; error: string | null }

export interface ArtifactFile {
  jobId: string
  name: string
  /** Relative to the artifacts of the job. */
  path: string
  size: number
}

/** What runs a project's pipeline. */
export interface Forge {
  readonly mode: "local" | "gitlab"
  /**
   * Runs the pipeline of `sha` from `.gitlab-ci.yml`. Ends with exactly one `finished`; never throws for a
   * pipeline that fails or a file that is refused. Aborting the signal cancels: `finished` with `canceled`.
   */
  run(input: PipelineInput, signal: AbortSignal): AsyncIterable<PipelineEvent>
  artifacts(projectId: string, buildId: string): Promise<ArtifactFile[]>
  /** null when there is no such artifact. */
  openArtifact(projectId: string, buildId: string, jobId: string, path: string): Promise<Blob | null>
  removeProject(projectId: string): Promise<void>
  health(): Promise<"healthy" | "unhealthy">
}
