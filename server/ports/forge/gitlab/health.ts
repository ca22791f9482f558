import { z } from "zod"
import type { GitLabClient } from "./client.ts"

const keptMs = 15_000
const answerMs = 5_000

/** Whether GitLab answers and takes our token; asked now and then only, however often it is looked at. */
export function createHealth(client: GitLabClient): () => Promise<"healthy" | "unhealthy"> {
  let askedAt = -Infinity
  let answer: Promise<"healthy" | "unhealthy"> = Promise.resolve("unhealthy")
  return () => {
    if (performance.now() - askedAt > keptMs) {
      askedAt = performance.now()
      const shape = z.looseObject({ version: z.string() })
      answer = client
        .ask(shape, (api) => api.Metadata.show(), AbortSignal.timeout(answerMs))
        .then(
          () => "healthy" as const,
          () => "unhealthy" as const,
        )
    }
    return answer
  }
}
