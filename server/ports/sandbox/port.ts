import type { SandboxKind } from "../../../shared/sandbox.ts"

/** What runs: a project's draft, one of its versions, or a pipeline job. */
export interface SandboxTarget {
  projectId: string
  kind: SandboxKind | "build"
  /** Commit for live and version, build id for build, "" for the draft. */
  ref: string
}

/** How an app is run, read from `.devcontainer/devcontainer.json`. */
export interface AppSpec {
  image: string | null
  /** Run once before the first start, and again when it or the manifest changed. */
  postCreateCommand: string | null
  /** Command that serves the app on `$PORT`. */
  command: string
  /** Path that answers below 500 when the app is up. */
  health: string
  env: Record<string, string>
}

export interface StartInput {
  /** Folder with the app's files, mounted as its working directory. */
  root: string
  /** Folder the app keeps its data in, `$DATA_DIR` inside. */
  dataDir: string
  app: AppSpec
  /** Progress in plain words ("Installing what it needs…"). */
  onProgress: (words: string) => void
  /** Raised when a started app ends by itself. */
  onExit: (reason: string) => void
  signal: AbortSignal
}

export interface ExecInput {
  root: string
  dataDir: string
  /** Shell command line, run by `sh -c` inside the sandbox only. */
  command: string
  env?: Record<string, string>
  /** May the command change `root`? Jobs and tools may. */
  timeoutMs: number
  /** Output beyond this is counted, not kept. */
  maxOutputBytes: number
  onOutput?: (text: string) => void
  signal: AbortSignal
}

export interface ExecResult {
  /** null when it was ended by timeout, signal or abort. */
  exitCode: number | null
  /** stdout and stderr as they came; the middle is cut out beyond the limit. */
  output: string
  truncatedBytes: number
  ended: "exit" | "timeout" | "aborted" | "killed"
}

export interface Endpoint {
  host: string
  port: number
}

/** Why an app did not come up, in plain words; `log` is the tail of its output. */
export class SandboxError extends Error {
  override readonly name = "SandboxError"

  constructor(
    readonly reason: string,
    readonly log: string,
    readonly kind: "failed" | "timeout" = "failed",
  ) {
    super(reason)
  }
}

export interface Sandbox {
  readonly mode: "process" | "docker"
  readonly isolation: "bubblewrap" | "uid" | "none" | "container"
  /** Plain words when apps can reach more than their own folder. */
  readonly warning: string | null
  /** Runs `postCreateCommand` when it is due; `start` does it by itself. Throws `SandboxError`. */
  prepare(target: SandboxTarget, input: Omit<StartInput, "onExit">): Promise<void>
  /** Starts the app and resolves when its health path answers; throws `SandboxError`. */
  start(target: SandboxTarget, input: StartInput): Promise<Endpoint>
  /** Where a running app listens; null when it is not running. */
  endpoint(target: SandboxTarget): Endpoint | null
  /** Ends the app and everything it started. Resolves when nothing is left. */
  stop(target: SandboxTarget): Promise<void>
  /** Runs a command; nothing of it is left when this resolves. Never throws for a failing command. */
  exec(target: SandboxTarget, input: ExecInput): Promise<ExecResult>
  /** Last output of a running or ended app, at most 64 kB. */
  log(target: SandboxTarget): string
  running(): SandboxTarget[]
  /** Ends what an earlier server process left behind. */
  sweep(): Promise<void>
  /** Ends everything. */
  close(): Promise<void>
  health(): Promise<"healthy" | "unhealthy">
}
