import type { Build, Job } from "../../../shared/build.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"
import { OpenInGitLab } from "../forge/open-in-gitlab.tsx"
import { jobWords } from "./build-words.ts"

const t = strings.build

/** A check that has not begun: what it waits for, and the button that starts it where that is a person. */
export function JobWaits({ build, job }: { build: Build; job: Job }) {
  const { projectId } = useOpenProject()
  const start = trpc.build.retry.useMutation({ onError: (error: unknown) => notify(errorLine(error), "bad") })
  const manual = job.status === "manual"
  const startable = manual && (build.status === "manual" || build.finishedAt !== null)
  const why = manual ? (startable ? t.manualText : t.manualLater) : t.jobWaits[job.status]
  return (
    <div className="grid gap-2 rounded-lg border border-line bg-surface px-3.5 py-3">
      <div className="flex flex-wrap items-center gap-x-3">
        <h3 className="min-w-0 flex-1 truncate text-sm font-semibold">
          {job.name} <span className="font-normal text-muted">· {jobWords(job.status)}</span>
        </h3>
        <OpenInGitLab href={job.webUrl} what={job.name} />
      </div>
      {why === undefined ? null : <p className="text-sm text-muted">{why}</p>}
      {startable ? (
        <Button
          small
          look="primary"
          className="justify-self-start"
          busy={start.isPending}
          onClick={() => start.mutate({ projectId, buildId: build.id, jobId: job.id })}
        >
          {t.start(job.name)}
        </Button>
      ) : null}
    </div>
  )
}
