import type { AdminForge } from "../../../shared/admin.ts"

/** Knows whether everything is there to work with GitLab. */
export interface ForgeSetup {
  /** What the last look found; null when there is no GitLab. */
  report(): AdminForge | null
  /** Looks now, or waits for the look that is under way; null when there is no GitLab. */
  check(): Promise<AdminForge | null>
  /** Looks in the background from now on: a server must be up when GitLab is not. */
  start(): void
  close(): Promise<void>
}
