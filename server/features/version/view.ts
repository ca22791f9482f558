import { commitPage } from "../../../shared/commit-page.ts"
import type { Version } from "../../../shared/version.ts"
import type { VersionFacts } from "./store.ts"

/** A version as people see it. */
export const versionView = ({ version, buildStatus, live, forgeUrl }: VersionFacts): Version => ({
  sha: version.sha,
  number: version.number,
  title: version.title,
  runId: version.runId,
  files: version.files,
  added: version.added,
  removed: version.removed,
  buildStatus,
  live,
  webUrl: forgeUrl === null ? null : commitPage(forgeUrl, version.sha),
  createdAt: version.createdAt.toISOString(),
})
