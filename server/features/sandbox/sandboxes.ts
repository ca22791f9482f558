import type { Sandbox, SandboxKind } from "../../../shared/sandbox.ts"
import type { Endpoint, ExecInput, ExecResult } from "../../ports/sandbox/port.ts"
import type { AppProject, AppTarget } from "./target.ts"

/** Everything that runs of the projects: drafts, live apps, versions, and commands in the workspace. */
export interface Sandboxes {
  /** What ran in an earlier server sleeps; idle apps are put to sleep from now on. */
  start(): Promise<void>
  /**
   * Starts what sleeps and resolves when it answers; joins a start at work. `again` tries anew what failed a moment
   * ago. Throws `sandbox_failed`, `sandbox_timeout` or `limit_containers`.
   */
  wake(project: AppProject, kind: SandboxKind, sha: string | null, again?: boolean): Promise<Endpoint>
  /** Somebody used it just now. */
  touch(target: AppTarget): void
  /** Puts to sleep; without `sha` all versions of that kind. */
  stop(projectId: string, kind: SandboxKind, sha: string | null): Promise<void>
  /** What is awake or starting and counts for somebody's limit, last used first. */
  running(): AwakeApp[]
  stateOf(projectId: string, kind: SandboxKind, sha: string | null): Sandbox
  /** Where the live version that serves now listens; null when none does. */
  liveEndpoint(projectId: string): Endpoint | null
  /** Brings a running live app to the newest live version without a gap, or makes it ready to start. */
  prepareLive(projectId: string): void
  /** Restarts the running draft when its server, its manifest or how it is run changed since it started. */
  refreshDraft(projectId: string): void
  /** Runs a command in the workspace, after what the project needs is installed. */
  exec(projectId: string, input: CommandInput): Promise<ExecResult>
  /** Last output of the app. */
  log(projectId: string, kind: SandboxKind, sha: string | null): string
  /** Ends all of a project. */
  removeProject(projectId: string): Promise<void>
  close(): Promise<void>
}

/** An app that is awake, as the supervisor knows it. */
export interface AwakeApp {
  target: AppTarget
  state: "starting" | "ready"
  /** When it became ready, or began to start. */
  since: Date
  usedAt: Date
}

export type CommandInput = Pick<ExecInput, "command" | "timeoutMs" | "signal" | "onOutput">
