import type { Version } from "../../../shared/version.ts"

/**
 * Whether what is live is this version: it itself, or one after it that changed no file, as a merge makes one.
 * `versions` are the newest first.
 */
export function isShownLive(versions: readonly Pick<Version, "sha" | "live" | "files">[], sha: string): boolean {
  const live = versions.findIndex((version) => version.live)
  const own = versions.findIndex((version) => version.sha === sha)
  if (live === -1 || own < live) return false
  return versions.slice(live, own).every((version) => version.files === 0)
}
