import { defaultLimits } from "./http/limits.ts"
import type { Settings } from "./world.ts"

/** A GitLab as it is set up by itself, but for hooks, which reach this machine. */
export const defaultSettings: Settings = {
  version: 19,
  firstId: 1,
  delayedDeletion: true,
  localHooks: true,
  autoDisableHooks: false,
  autoDevOps: true,
  defaultBranch: "main",
  pipelines: "runner",
  runner: true,
  pipelineDelayMs: 5,
  artifactRedirect: false,
  accessLevel: 50,
  subPath: "",
  registry: null,
  limitsPerMinute: defaultLimits,
}
