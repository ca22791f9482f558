import { ExternalLink } from "lucide-react"
import { useState } from "react"
import type { Build } from "../../../shared/build.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { duration } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { useNow } from "../../lib/use-now.ts"
import { Button, buttonClass } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"
import { ArtifactList } from "./artifact-list.tsx"
import { BuildSteps } from "./build-steps.tsx"
import { buildWords } from "./build-words.ts"
import { JobLog } from "./job-log.tsx"
import { plainLine } from "./log-text.ts"
import { jobToShow } from "./stages.ts"

const t = strings.build

/** One run of the checks. */
export function BuildView({ build }: { build: Build }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const number = useStream((state) => state.versions.find((version) => version.sha === build.sha)?.number ?? null)
  const now = useNow(build.finishedAt === null)
  const job = build.jobs.find((known) => known.id === chosen) ?? jobToShow(build.jobs)
  const words =
    build.status === "failed" && build.error !== null ? t.failedAt(plainLine(build.error)) : buildWords(build.status)
  return (
    <section aria-labelledby="checks" className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-60">
          <h2 id="checks" className="text-lg font-semibold tracking-tight">
            {t.of(number)}
          </h2>
          <p
            className={build.status === "failed" ? "text-bad" : build.status === "success" ? "text-good" : "text-muted"}
          >
            {words}
            <span className="text-muted"> · {t.took(duration(build.createdAt, build.finishedAt, now))}</span>
          </p>
        </div>
        <BuildActions build={build} />
      </div>
      {build.jobs.length === 0 ? null : <BuildSteps jobs={build.jobs} shown={job?.id} onShow={setChosen} now={now} />}
      {job === undefined ? null : <JobLog key={job.id} build={build} job={job} />}
      {build.finishedAt === null ? null : <ArtifactList build={build} />}
    </section>
  )
}

function BuildActions({ build }: { build: Build }) {
  const { projectId } = useOpenProject()
  const failed = { onError: (error: unknown) => notify(errorLine(error), "bad") }
  const retry = trpc.build.retry.useMutation(failed)
  const cancel = trpc.build.cancel.useMutation(failed)
  const input = { projectId, buildId: build.id }
  return (
    <div className="flex flex-wrap gap-2">
      {build.webUrl === null ? null : (
        <a href={build.webUrl} target="_blank" rel="noopener noreferrer" className={buttonClass("quiet", true)}>
          <ExternalLink className="icon" aria-hidden />
          {t.openWeb}
        </a>
      )}
      {build.finishedAt === null ? (
        <Button small busy={cancel.isPending} onClick={() => cancel.mutate(input)}>
          {t.cancel}
        </Button>
      ) : build.status === "success" ? null : (
        <Button small busy={retry.isPending} onClick={() => retry.mutate(input)}>
          {t.retry}
        </Button>
      )}
    </div>
  )
}
