import { useQuery } from "@tanstack/react-query"
import { useEffect, useRef } from "react"
import { type Build, finishedStatuses, type Job } from "../../../shared/build.ts"
import { cx } from "../../lib/cx.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { api } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"
import { fixWish } from "./fix-check.ts"
import { JobHead } from "./job-head.tsx"
import { JobWaits } from "./job-waits.tsx"
import { firstErrorLine, joinLog, logLines, readLog } from "./log-text.ts"

const t = strings.build
const linesShown = 2000

/** The log of one check: follows while it runs, opens at the first error when it failed. */
export function JobLog({ build, job }: { build: Build; job: Job }) {
  const { projectId, outbox } = useOpenProject()
  const tail = useStream((state) => state.logs[job.id])
  const started = job.startedAt !== null || finishedStatuses.includes(job.status)
  const read = useQuery({
    queryKey: ["build", "log", projectId, build.id, job.id],
    queryFn: ({ signal }) =>
      readLog((from) => api.build.log.query({ projectId, buildId: build.id, jobId: job.id, from }, { signal })),
    // Why it waits so long is written before it begins.
    enabled: started || job.status === "pending",
    staleTime: Infinity,
  })
  const known = read.data === undefined ? tail : joinLog(read.data, tail)
  const { refetch } = read
  useEffect(() => {
    if (known === null) void refetch()
  }, [known, refetch])

  const all = logLines((known ?? tail)?.text ?? "")
  if (!started) return <JobWaits build={build} job={job} notes={all} />
  if (read.isPending && tail === undefined) return <Skeleton className="h-40" />
  if (read.isError && tail === undefined) return <p className="text-sm text-bad">{errorLine(read.error)}</p>

  const failed = job.status === "failed"
  const error = failed ? firstErrorLine(all, build.error) : -1
  const fix = () => {
    outbox.add(fixWish(build, job, all))
    notify(t.fixSent)
  }
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <JobHead
        job={job}
        what={t.log(job.name)}
        action={
          failed ? (
            <Button small look="primary" onClick={fix}>
              {t.fix}
            </Button>
          ) : null
        }
      >
        {t.log(job.name)}
      </JobHead>
      <LogLines
        lines={all}
        error={error}
        follow={job.status === "running"}
        over={finishedStatuses.includes(job.status)}
      />
    </div>
  )
}

function LogLines({
  lines,
  error,
  follow,
  over,
}: {
  lines: readonly string[]
  error: number
  follow: boolean
  over: boolean
}) {
  const view = useRef<HTMLDivElement>(null)
  const first = useRef<HTMLDivElement>(null)
  // What is longer shows its end, or the place of the error.
  const from =
    lines.length <= linesShown
      ? 0
      : error >= 0
        ? Math.max(0, Math.min(error - 20, lines.length - linesShown))
        : lines.length - linesShown
  const shown = lines.slice(from, from + linesShown)
  useEffect(() => {
    if (follow && view.current !== null) view.current.scrollTop = view.current.scrollHeight
  }, [follow, lines.length])
  useEffect(() => {
    if (error >= 0 && view.current !== null && first.current !== null) {
      // Some lines above it stay in view: they often say where.
      view.current.scrollTop = first.current.offsetTop - 120
    }
  }, [error])
  if (lines.length === 0) return <p className="px-3.5 py-3 text-sm text-muted">{over ? t.noLogEver : t.noLog}</p>
  return (
    <div
      ref={view}
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={t.title}
      className="thin-scroll relative max-h-[440px] overflow-auto py-2 font-mono text-[12.5px] leading-[1.6] outline-offset-[-2px]"
    >
      {from > 0 ? <p className="px-3.5 pb-1 text-muted">{t.earlierCut}</p> : null}
      {shown.map((line, index) => {
        const bad = from + index === error
        return (
          <div
            key={from + index}
            ref={bad ? first : undefined}
            className={cx(
              "px-3.5 whitespace-pre-wrap",
              bad && "bg-bad-soft text-bad",
              !bad && line.startsWith("$ ") && "text-muted",
            )}
          >
            {line || " "}
          </div>
        )
      })}
    </div>
  )
}
