import type { Version } from "../../../shared/version.ts"
import type { VersionFacts } from "./store.ts"

/** A version as people see it. */
export const versionView = ({ version, buildStatus, live }: VersionFacts): Version => ({
  sha: version.sha,
  number: version.number,
  title: version.title,
  runId: version.runId,
  files: version.files,
  added: version.added,
  removed: version.removed,
  buildStatus,
  live,
  createdAt: version.createdAt.toISOString(),
})
