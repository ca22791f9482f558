import { useMutation } from "@tanstack/react-query"
import type { Build, Job } from "../../../shared/build.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { api } from "../../lib/trpc.ts"
import { notify } from "../../ui/notice.tsx"
import { errorExcerpt, firstErrorLine, logLines, readLog } from "./log-text.ts"
import { jobToShow } from "./stages.ts"

/** The message that asks for the repair of a check, with the part of its log that says why it failed. */
export function fixWish(build: Build, job: Job, lines: readonly string[]): string {
  const excerpt = errorExcerpt(lines, firstErrorLine(lines, build.error))
  return strings.build.fixWish(job.name, excerpt || (build.error ?? job.name))
}

/** "Fix it" where the log is not at hand: reads it first. */
export function useFixCheck(): { fix: (build: Build) => void; busy: boolean } {
  const { projectId, outbox } = useOpenProject()
  const { mutate, isPending } = useMutation({
    mutationFn: async (build: Build) => {
      const job = jobToShow(build)
      if (job === undefined) {
        outbox.add(strings.build.beginWish(build.error ?? ""))
        return
      }
      const log = await readLog((from) => api.build.log.query({ projectId, buildId: build.id, jobId: job.id, from }))
      outbox.add(fixWish(build, job, logLines(log.text)))
    },
    onError: (error) => notify(errorLine(error), "bad"),
  })
  return { fix: mutate, busy: isPending }
}
