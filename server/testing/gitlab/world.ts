import type { BuildStatus } from "../../../shared/build.ts"
import type { LimitsPerMinute } from "./http/limits.ts"
import type { HookCenter } from "./hooks/hook-center.ts"
import type { PipelineEngine } from "./ci/pipeline-engine.ts"

/** How this GitLab is set up; a test may change each at any time. */
export interface Settings {
  /** 17, 18 or 19. */
  version: number
  /** The first id of everything; ids of big instances do not fit in 32 bits. */
  firstId: number
  /** A deleted project stays, renamed, until it is removed for good. From 18 on that is so. */
  delayedDeletion: boolean
  /** Whether hooks may go to addresses of this machine. */
  localHooks: boolean
  /** Whether a hook that fails again and again is switched off. */
  autoDisableHooks: boolean
  /** What `auto_devops_enabled` is for a project that did not say. */
  autoDevOps: boolean
  defaultBranch: string
  /** How pipelines of projects go that the API makes: by the runner, or as a test says. */
  pipelines: "runner" | "scripted"
  /** A runner that takes jobs; without one they stay pending. */
  runner: boolean
  /** Milliseconds between a push and its pipeline. */
  pipelineDelayMs: number
  /** Artifacts come by a redirect to another host. */
  artifactRedirect: boolean
  /** An access level of the token's user in its group: 50 owner, 40 maintainer, 30 developer. */
  accessLevel: number
  /** Under which path of the host it answers, e.g. `/gitlab`. */
  subPath: string
  /** A registry of images, on loopback and without TLS; jobs get this name and password for it. */
  registry: { host: string; user: string; password: string } | null
  /** Calls a minute that one user has of an endpoint. */
  limitsPerMinute: LimitsPerMinute
}

export interface Token {
  value: string
  scopes: string[]
  /** A day like `2027-01-31`. */
  expiresAt: string
  revoked: boolean
}

export interface Group {
  id: number
  name: string
  path: string
  fullPath: string
  parentId: number | null
  createdAt: Date
}

export interface Protection {
  name: string
  allowForcePush: boolean
  pushLevel: number
  mergeLevel: number
}

export interface Variable {
  key: string
  value: string
  variableType: string
  protected: boolean
  masked: boolean
  raw: boolean
  environmentScope: string
  description: string | null
}

export interface Project {
  id: number
  /** The name of its folder: what the local forge and sandbox call it. */
  key: string
  name: string
  path: string
  group: Group
  description: string | null
  visibility: string
  createdAt: Date
  updatedAt: Date
  defaultBranch: string
  autoDevOps: boolean
  markedForDeletion: Date | null
  /** "scripted": a test sets the states of jobs. */
  pipelines: "runner" | "scripted"
  protections: Protection[]
  variables: Variable[]
  mergeRequests: MergeRequest[]
  /** Other settings as they were sent. */
  settings: Record<string, unknown>
}

export interface MergeRequest {
  id: number
  iid: number
  title: string
  description: string | null
  sourceBranch: string
  targetBranch: string
  state: "opened" | "closed" | "merged"
  createdAt: Date
  mergedAt: Date | null
  mergeCommitSha: string | null
  removeSourceBranch: boolean
}

export interface Job {
  id: number
  name: string
  stage: string
  status: BuildStatus
  allowFailure: boolean
  manual: boolean
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  erasedAt: Date | null
  failureReason: string | null
  /** Pieces of the log, raw. */
  trace: Uint8Array[]
  /** What the runner calls it, null before one took it. */
  runnerJobId: string | null
  /** An own zip of a scripted job. */
  artifacts: Uint8Array | null
  /** A newer job of this name is there. */
  retried: boolean
}

export interface Pipeline {
  id: number
  iid: number
  projectId: number
  /** Its name at the runner. */
  buildId: string
  sha: string
  beforeSha: string
  ref: string
  source: string
  status: BuildStatus
  yamlErrors: string | null
  stages: string[]
  variables: { key: string; value: string }[]
  jobs: Job[]
  createdAt: Date
  updatedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

export interface Hook {
  id: number
  projectId: number
  url: string
  name: string | null
  description: string | null
  token: string | null
  signingToken: string | null
  events: Record<string, boolean>
  pushBranchFilter: string | null
  branchStrategy: string
  sslVerification: boolean
  customHeaders: { key: string; value: string }[]
  createdAt: Date
  failures: number
  disabledUntil: Date | null
  disabledForGood: boolean
  resends: number[]
}

/** Everything this GitLab knows. */
export interface World {
  readonly settings: Settings
  readonly folder: string
  /** Where bare repositories are. */
  readonly reposDir: string
  /** `http://127.0.0.1:port` with the sub-path. */
  url: string
  /** Another host, that artifacts are redirected to. */
  storageUrl: string
  readonly tokens: Token[]
  readonly groups: Group[]
  readonly projects: Map<number, Project>
  readonly pipelines: Map<number, Pipeline>
  readonly hooks: Map<number, Hook>
  nextId(): number
  readonly center: HookCenter
  readonly engine: PipelineEngine
  /** Background work that `settled` waits for. */
  later(work: () => Promise<void>, ms?: number): void
  /** Notes what went wrong where nobody waits. */
  fault(error: unknown): void
}

export const bot = { id: 5, name: "Go Chat", username: "go-chat-bot", email: "go-chat-bot@example.com" } as const

export const zeroSha = "0".repeat(40)
export const fullPathOf = (project: Project): string => `${project.group.fullPath}/${project.path}`
export const pipelinesOf = (world: World, projectId: number): Pipeline[] =>
  [...world.pipelines.values()].filter((pipeline) => pipeline.projectId === projectId).sort((a, b) => b.id - a.id)
