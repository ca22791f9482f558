import { Link } from "@tanstack/react-router"
import { Clock } from "lucide-react"
import { useState } from "react"
import type { Build } from "../../../shared/build.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { duration } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { useNow } from "../../lib/use-now.ts"
import { Button } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"
import { quietLink } from "../../ui/quiet-link.ts"
import { WebLink } from "../../ui/web-link.tsx"
import { MessageLink } from "../chat/message-link.tsx"
import { OpenInGitLab } from "../forge/open-in-gitlab.tsx"
import { ArtifactList } from "./artifact-list.tsx"
import { BuildDetails } from "./build-details.tsx"
import { BuildSteps } from "./build-steps.tsx"
import { buildColour, buildLook, failedWords, heldBy } from "./build-words.ts"
import { JobLog } from "./job-log.tsx"
import { RetryChecks } from "./retry-checks.tsx"
import { jobToShow } from "./stages.ts"

const t = strings.build

/** One run of the checks. */
export function BuildView({ build }: { build: Build }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const number = useStream((state) => state.versions.find((version) => version.sha === build.sha)?.number ?? null)
  const now = useNow(build.finishedAt === null)
  const job = build.jobs.find((known) => known.id === chosen) ?? jobToShow(build)
  const words = build.status === "failed" ? failedWords(build) : buildLook(build).words
  // Checks that were left out say why.
  const reason = build.finishedAt !== null && build.status !== "failed" ? build.error : null
  const held = heldBy(build)
  const time = duration(build.createdAt, build.finishedAt, now)
  return (
    <section aria-labelledby="checks" className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-start gap-x-4">
        <div className="min-w-0 flex-1 basis-52">
          <h2 id="checks" className="text-lg font-semibold tracking-tight">
            {t.of(number)}
          </h2>
          <p className={buildColour(build.status)}>
            {words}
            <span className="text-muted">
              {" "}
              <span className="whitespace-nowrap">· {build.finishedAt === null ? time : t.took(time)}</span>
            </span>
          </p>
          {reason === null ? null : <p className="text-sm text-muted">{reason.replace(/\.?$/, ".")}</p>}
        </div>
        <BuildActions build={build} />
        <BuildLinks build={build} />
      </div>
      {held === null ? null : (
        <p className="flex items-start gap-2.5 rounded-lg bg-warn-soft px-4 py-2.5 text-sm text-warn">
          <Clock className="icon mt-0.5" aria-hidden />
          {held}
        </p>
      )}
      {build.jobs.length === 0 ? null : <BuildSteps jobs={build.jobs} shown={job?.id} onShow={setChosen} now={now} />}
      {job === undefined ? null : <JobLog key={job.id} build={build} job={job} />}
      {build.finishedAt === null ? null : <ArtifactList build={build} />}
      <BuildDetails build={build} />
    </section>
  )
}

/** The neighbours in the chain: what was wished, the version that came of it, the app that people see. */
function BuildLinks({ build }: { build: Build }) {
  const version = useStream((state) => state.versions.find((known) => known.sha === build.sha))
  const liveUrl = useStream((state) => (state.project?.liveSha === build.sha ? state.project.liveUrl : null))
  return (
    <p className="mt-1 flex basis-full flex-wrap gap-x-4">
      <MessageLink runId={build.runId} />
      {version === undefined ? null : (
        <Link from="/projects/$projectId" to="." search={{ tab: "versions", sha: version.sha }} className={quietLink}>
          {strings.version.number(version.number)}
        </Link>
      )}
      <WebLink href={liveUrl} className={quietLink}>
        {t.openLive}
      </WebLink>
      <OpenInGitLab href={build.webUrl} what={strings.forge.checks} />
    </p>
  )
}

function BuildActions({ build }: { build: Build }) {
  const { projectId } = useOpenProject()
  const cancel = trpc.build.cancel.useMutation({ onError: (error: unknown) => notify(errorLine(error), "bad") })
  if (build.status === "success") return null
  if (build.finishedAt !== null) return <RetryChecks build={build} />
  return (
    <Button
      small
      busy={cancel.isPending}
      disabled={build.status === "canceling"}
      onClick={() => cancel.mutate({ projectId, buildId: build.id })}
    >
      {t.cancel}
    </Button>
  )
}
