import type { SandboxKind } from "../../../shared/sandbox.ts"

/** What runs: a project's draft, one of its versions, or a pipeline job. */
export interface SandboxTarget {
  projectId: string
  kind: SandboxKind | "build"
  /** Commit for live and version, build id for build, "" for the draft. */
  ref: string
}

/** What a container is made from. Paths are relative to the app's files. */
export type ImageSource =
  | { type: "name"; name: string }
  | { type: "dockerfile"; dockerfile: string; context: string; target: string | null; args: Record<string, string> }

/** How an app is run, read from `.devcontainer/devcontainer.json`. */
export interface AppSpec {
  /** null: what the server uses for apps that name none. Only containers have images. */
  image: ImageSource | null
  /** Port the app listens on where it has an address of its own, in a container; elsewhere it is given a free one. */
  port: number
  /** Run once before the first start, and again when it or the manifest changed. */
  postCreateCommand: string | null
  /** Command that serves the app on `$PORT`. */
  command: string
  /** Path that answers below 500 when the app is up. */
  health: string
  env: Record<string, string>
}

/** What an end is put down to: the app, what runs it, or the room that it took on the disk. */
export type EndCause = "app" | "engine" | "disk"

export interface StartInput {
  /** Folder with the app's files, mounted as its working directory. */
  root: string
  /** Folder the app keeps its data in, `$DATA_DIR` inside. */
  dataDir: string
  app: AppSpec
  /** Progress in plain words ("Installing what it needs…"). */
  onProgress: (words: string) => void
  /** Raised when a started app ends without `stop`; `because` tells whether it was the app or what runs it. */
  onExit: (reason: string, because: EndCause) => void
  signal: AbortSignal
}

/** An app that is in an image with its files and all it needs. */
export interface PushedInput extends Omit<StartInput, "root" | "app"> {
  /** As the checks named it: `registry.example.com/apps/shop:<commit>`. */
  image: string
  app: PushedSpec
}

/** How it is run; `command` null: as the image says. */
export interface PushedSpec extends Pick<AppSpec, "port" | "health" | "env"> {
  command: string | null
}

/** Runs what checks pushed to the registry of the forge, as other apps are run, but for their files. */
export interface PushedImages {
  /** Fetches it, so that it starts at once later. Throws `SandboxError`. */
  fetch(target: SandboxTarget, input: Pick<PushedInput, "image" | "onProgress" | "signal">): Promise<void>
  /** As `Sandbox.start`; from then on it is an app like the others. */
  start(target: SandboxTarget, input: PushedInput): Promise<Endpoint>
  /** Removes what was fetched for a project, but these images. */
  keep(projectId: string, images: readonly string[]): Promise<void>
}

export interface ExecInput {
  root: string
  dataDir: string
  /** What it runs in; a command beside an app runs where the app runs. */
  image: ImageSource | null
  /** Shell command line, run by `sh -c` inside the sandbox only. */
  command: string
  env?: Record<string, string>
  /** What has to happen before the command, in plain words ("Fetching the image…"). */
  onProgress?: (words: string) => void
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
  /** What the sandbox knows of why it did not succeed, in plain words: too much memory, too many processes, … */
  reason?: string
  /** What that is put down to. */
  because?: EndCause
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
    /** `unavailable`: not the app's fault; what runs containers is away or full. `disk`: the project takes too much. */
    readonly kind: "failed" | "timeout" | "unavailable" | "disk" = "failed",
  ) {
    super(reason)
  }
}

export interface Sandbox {
  readonly mode: "process" | "docker"
  readonly isolation: "bubblewrap" | "uid" | "none" | "container"
  /** Plain words when apps can reach more than their own folder. */
  readonly warning: string | null
  /** null: apps are not made of images. */
  readonly pushed: PushedImages | null
  /** Whether whoever asks from this address is an app; where nobody can know, this is not there. */
  isApp?(address: string): boolean
  /** Runs `postCreateCommand` when it is due; `start` does it by itself. Throws `SandboxError`. */
  prepare(target: SandboxTarget, input: Omit<StartInput, "onExit">): Promise<void>
  /** Starts the app and resolves when its health path answers; throws `SandboxError`. */
  start(target: SandboxTarget, input: StartInput): Promise<Endpoint>
  /** Where a running app listens; null when it is not running. */
  endpoint(target: SandboxTarget): Endpoint | null
  /** Ends the app and everything it started. Resolves when nothing is left. */
  stop(target: SandboxTarget): Promise<void>
  /**
   * Runs a command; nothing of it is left when this resolves. Never throws for a failing command, but `SandboxError`
   * when there is nothing to run it in.
   */
  exec(target: SandboxTarget, input: ExecInput): Promise<ExecResult>
  /** Last output of a running or ended app, at most 64 kB. */
  log(target: SandboxTarget): string
  running(): SandboxTarget[]
  /**
   * Ends what an earlier server process left behind, and removes what belongs to no project any more; `existing` tells
   * which of these projects there are. Safe at any time: what runs now stays.
   */
  sweep(existing: (projectIds: string[]) => Promise<ReadonlySet<string>>): Promise<void>
  /** Ends all of a project and removes what was made for it, without the folders that it was given. */
  removeProject(projectId: string): Promise<void>
  /** Ends everything. */
  close(): Promise<void>
  health(): Promise<"healthy" | "unhealthy">
}
