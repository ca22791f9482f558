import type { BuildStatus, Job } from "../../../shared/build.ts"
import { strings } from "../../lib/strings.ts"

const words = strings.build.words

/** The state of the checks in words. */
export function buildWords(status: BuildStatus): string {
  switch (status) {
    case "success":
    case "failed":
    case "skipped":
    case "canceled":
      return words[status]
    case "manual":
    case "scheduled":
      return words.manual
    default:
      return words.pending
  }
}

/** The state of one check in a word. */
export function jobWords(status: Job["status"]): string {
  const { job } = strings.build
  switch (status) {
    case "success":
    case "failed":
    case "running":
    case "skipped":
    case "canceled":
      return job[status]
    default:
      return job.waiting
  }
}
