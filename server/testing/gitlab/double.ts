import type { HookCenter } from "./hooks/hook-center.ts"
import type { Trouble, TroubleRule } from "./http/trouble.ts"
import type { CommitOptions, FileChanges } from "./outsider.ts"
import type { LoggedRequest } from "./request-log.ts"
import type { ScriptedPipeline } from "./scripted-pipeline.ts"
import type { Group, Pipeline, Project, Settings, Token, World } from "./world.ts"

/** A GitLab for tests: real sockets, real repositories, real pipelines; as bad as a test wants. */
export interface GitLabDouble {
  readonly url: string
  /** A token with scope `api` that lasts. */
  readonly token: string
  readonly group: Group
  readonly settings: Settings
  readonly world: World
  readonly hooks: HookCenter
  /** Every request so far. */
  readonly requests: LoggedRequest[]
  /** What was wrong with requests and answers by GitLab's documents; empty at the end of a good test. */
  readonly violations: string[]
  /** Whether GitLab's documents are here to check against. */
  readonly checks: boolean
  /** Requests at the other host that artifacts are redirected to. */
  readonly storage: LoggedRequest[]
  /** Spoils the next matching requests. */
  trouble(rule: TroubleRule | Trouble): void
  calm(): void
  addToken(token?: Partial<Token>): Token
  /** A project as somebody else makes it; with files it has a first commit. */
  createProject(input: { path: string; files?: Record<string, string> } & Partial<Project>): Promise<Project>
  project(id: number): Project
  /** Somebody else's commit. */
  commit(projectId: number, files: FileChanges, options?: CommitOptions): Promise<string>
  head(projectId: number, branch?: string): Promise<string | null>
  /** Somebody merges in GitLab's own pages. */
  merge(projectId: number, iid: number): Promise<string>
  /** Newest first. */
  pipelines(projectId: number): Pipeline[]
  /** A pipeline in the hands of the test: the newest of the project, or that one. */
  script(projectId: number, pipelineId?: number): ScriptedPipeline
  /** Waits until nothing is under way: no pipeline runs, no hook is sent, nothing waits for its time. */
  settled(ms?: number): Promise<void>
  /** As when it is stopped: connections are refused. `back` answers at the same address. */
  away(): Promise<void>
  back(): Promise<void>
  close(): Promise<void>
}
