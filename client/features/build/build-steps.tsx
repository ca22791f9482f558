import { Check, Clock, Hand, Minus, X } from "lucide-react"
import { useEffect, useRef } from "react"
import type { Job } from "../../../shared/build.ts"
import { cx } from "../../lib/cx.ts"
import { duration } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { isBlocked, jobWords } from "./build-words.ts"
import { stagesOf } from "./stages.ts"

/** So much of the next step stays in view. */
const peek = 48

interface StepsProps {
  jobs: readonly Job[]
  shown: string | undefined
  onShow: (jobId: string) => void
  now: number
}

/** The stages from left to right, each check with its time; pressing one shows its log. */
export function BuildSteps({ jobs, shown, onShow, now }: StepsProps) {
  const row = useRef<HTMLOListElement>(null)
  // The row scrolls on a narrow screen; only sideways, the page stays where it is.
  useEffect(() => {
    const step = row.current?.querySelector<HTMLElement>("[aria-pressed=true]")
    if (row.current === null || step == null) return
    const [view, box] = [row.current.getBoundingClientRect(), step.getBoundingClientRect()]
    if (box.left < view.left || box.right > view.right) row.current.scrollLeft += box.right - view.right + peek
  }, [shown])
  return (
    <ol ref={row} aria-label={strings.build.title} className="thin-scroll relative -m-1 flex gap-2 overflow-x-auto p-1">
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
                  "flex min-h-[50px] min-w-36 max-w-60 items-center phone:min-w-32 gap-2.5 rounded-lg border bg-surface px-3 py-1.5 text-start text-sm transition-colors duration-150 hover:border-line-strong",
                  job.id === shown ? "border-line-strong shadow-card" : "border-line",
                )}
              >
                <JobMark status={job.status} />
                <span className="grid min-w-0">
                  <span className="truncate font-semibold" title={job.name}>
                    {job.name}
                  </span>
                  <span className="text-muted tabular-nums">
                    {timeOf(job, now) ?? jobWords(job.status)}
                    {timeOf(job, now) === null ? null : <span className="sr-only"> {jobWords(job.status)}</span>}
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

/** How long it took; null when that says less than how it is. */
const timeOf = ({ startedAt, finishedAt, status }: Job, now: number): string | null =>
  startedAt === null || status === "canceling" || status === "canceled" || status === "skipped"
    ? null
    : duration(startedAt, finishedAt, now)

/** Its turn has come, but something else has not. */
const isQueued = (status: Job["status"]): boolean =>
  status === "pending" || status === "waiting_for_resource" || status === "waiting_for_callback"

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
      {isQueued(status) ? <Clock aria-hidden /> : null}
    </span>
  )
}
