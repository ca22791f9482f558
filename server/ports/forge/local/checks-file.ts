import type { Expression } from "./expression.ts"

export type When = "on_success" | "on_failure" | "always" | "manual"

/** A checks file as it was written, read and found to be within the subset; nothing is decided yet. */
export interface ChecksFile {
  stages: readonly string[]
  variables: Variables
  jobs: readonly JobSpec[]
}

export type Variables = ReadonlyMap<string, Variable>

export interface Variable {
  value: string
  /** May it name other variables? */
  expand: boolean
}

/** One job with the defaults applied. */
export interface JobSpec {
  name: string
  line: number
  stage: string
  image: string | null
  variables: Variables
  beforeScript: readonly string[]
  script: readonly string[]
  afterScript: readonly string[]
  /** null: after the stages before it. */
  needs: readonly Need[] | null
  /** null: everything that it may. */
  dependencies: readonly Reference[] | null
  when: When | "never"
  /** null: not said. */
  allowFailure: AllowFailure | null
  rules: readonly Rule[] | null
  only: readonly string[] | null
  except: readonly string[] | null
  artifacts: ArtifactSpec | null
  timeoutMs: number | null
  retry: Retry
  interruptible: boolean
}

export interface Reference {
  job: string
  line: number
}

export interface Need extends Reference {
  artifacts: boolean
  optional: boolean
}

export interface AllowFailure {
  allowed: boolean
  /** With codes only these are allowed; null: all. */
  exitCodes: readonly number[] | null
}

export interface Rule {
  line: number
  if: Expression | null
  /** null: as the job says. */
  when: When | "never" | null
  allowFailure: AllowFailure | null
}

export interface ArtifactSpec {
  paths: readonly string[]
  exclude: readonly string[]
  when: "on_success" | "on_failure" | "always"
  /** null: for ever. */
  expireMs: number | null
  name: string | null
}

export interface Retry {
  max: number
  when: readonly RetryReason[]
}

export const retryReasons = [
  "always",
  "unknown_failure",
  "script_failure",
  "api_failure",
  "stuck_or_timeout_failure",
  "runner_system_failure",
  "runner_unsupported",
  "stale_schedule",
  "job_execution_timeout",
  "archived_failure",
  "unmet_prerequisites",
  "scheduler_failure",
  "data_integrity_failure",
] as const
export type RetryReason = (typeof retryReasons)[number]
