import type { Version } from "../../../shared/version.ts"

/** The newest version whose checks passed; `versions` are newest first. */
export const newestGreen = (versions: readonly Version[]): Version | undefined =>
  versions.find((version) => version.buildStatus === "success")
