import { Check, Clock, Hand, Minus, X } from "lucide-react"
import type { Job } from "../../../shared/build.ts"
import { cx } from "../../lib/cx.ts"
import { duration } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { isBlocked, jobWords } from "./build-words.ts"
import { stagesOf } from "./stages.ts"

interface StepsProps {
  jobs: readonly Job[]
  shown: string | undefined
  onShow: (jobId: string) => void
  now: number
}

/** The stages from left to right, each check with its time; pressing one shows its log. */
export function BuildSteps({ jobs, shown, onShow, now }: StepsProps) {
  return (
    <ol aria-label={strings.build.title} className="thin-scroll relative flex gap-2 overflow-x-auto pb-1">
      {stagesOf(jobs).map((stage, index) => (
        <li key={stage.name} className="flex shrink-0 items-start gap-2">
          {index === 0 ? null : <span aria-hidden className="mt-[25px] h-px w-5 shrink-0 bg-line-strong" />}
          <div className="grid gap-1.5">
            {stage.jobs.map((job) => (
              <button
                key={job.id}
                type="button"
                aria-pressed={job.id === shown}
                onClick={() => onShow(job.id)}
                className={cx(
                  "flex min-h-[50px] min-w-36 items-center gap-2.5 rounded-lg border bg-surface px-3 py-1.5 text-start text-sm transition-colors duration-150 hover:border-line-strong",
                  job.id === shown ? "border-line-strong shadow-card" : "border-line",
                )}
              >
                <JobMark status={job.status} />
                <span className="grid min-w-0">
                  <span className="truncate font-semibold">{job.name}</span>
                  <span className="text-muted tabular-nums">
                    {job.startedAt === null || job.status === "canceling"
                      ? jobWords(job.status)
                      : duration(job.startedAt, job.finishedAt, now)}
                    {job.startedAt === null || job.status === "canceling" ? null : (
                      <span className="sr-only"> {jobWords(job.status)}</span>
                    )}
                  </span>
                </span>
              </button>
            ))}
          </div>
        </li>
      ))}
    </ol>
  )
}

const mark = "grid size-5 shrink-0 place-items-center rounded-full [&_svg]:size-3"

function JobMark({ status }: { status: Job["status"] }) {
  if (status === "success") {
    return (
      <span className={cx(mark, "bg-good-soft text-good")}>
        <Check strokeWidth={2.5} aria-hidden />
      </span>
    )
  }
  if (status === "failed") {
    return (
      <span className={cx(mark, "bg-bad-soft text-bad")}>
        <X strokeWidth={2.5} aria-hidden />
      </span>
    )
  }
  if (status === "running" || status === "preparing" || status === "canceling") {
    return <span className={cx(mark, "animate-pulse-soft border-2 border-warn")} />
  }
  if (isBlocked(status)) {
    return (
      <span className={cx(mark, "bg-warn-soft text-warn")}>
        {status === "manual" ? <Hand aria-hidden /> : <Clock aria-hidden />}
      </span>
    )
  }
  return (
    <span className={cx(mark, "border border-line-strong text-faint")}>
      {status === "skipped" || status === "canceled" ? <Minus aria-hidden /> : null}
    </span>
  )
}
