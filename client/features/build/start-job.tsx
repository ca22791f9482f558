import type { Build, Job } from "../../../shared/build.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"

/** Whether a person may start this check now. */
export const isStartable = (build: Pick<Build, "status" | "finishedAt">, job: Pick<Job, "status">): boolean =>
  job.status === "manual" && (build.status === "manual" || build.finishedAt !== null)

/** Starts a check that waits for a person. */
export function StartJob({ build, job }: { build: Build; job: Job }) {
  const { projectId } = useOpenProject()
  const start = trpc.build.retry.useMutation({ onError: (error: unknown) => notify(errorLine(error), "bad") })
  return (
    <Button
      small
      look="primary"
      title={strings.build.start(job.name)}
      className="max-w-full justify-self-start"
      busy={start.isPending}
      onClick={() => start.mutate({ projectId, buildId: build.id, jobId: job.id })}
    >
      <span className="truncate">{strings.build.start(job.name)}</span>
    </Button>
  )
}
