import { Clock } from "lucide-react"
import type { Build, Job } from "../../../shared/build.ts"
import { strings } from "../../lib/strings.ts"
import { jobWords } from "./build-words.ts"
import { JobHead } from "./job-head.tsx"
import { isStartable, StartJob } from "./start-job.tsx"

const t = strings.build

interface WaitsProps {
  build: Build
  job: Job
  /** What is known of why it waits, beyond its state. */
  notes: readonly string[]
}

/** A check that has not begun: what it waits for, and the button that starts it where that is a person. */
export function JobWaits({ build, job, notes }: WaitsProps) {
  const startable = isStartable(build, job)
  const why = job.status === "manual" ? (startable ? t.manualText : t.manualLater) : t.jobWaits[job.status]
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <JobHead job={job} what={job.name}>
        {job.name} <span className="font-normal text-muted">· {jobWords(job.status)}</span>
      </JobHead>
      <div className="grid gap-2.5 px-3.5 py-3 text-sm">
        {notes.length > 0 ? (
          <p className="flex items-start gap-2.5 text-warn">
            <Clock className="icon mt-0.5" aria-hidden />
            {notes.join(" ")}
          </p>
        ) : why === undefined ? null : (
          <p className="text-muted">{why}</p>
        )}
        {startable ? <StartJob build={build} job={job} /> : null}
      </div>
    </div>
  )
}
