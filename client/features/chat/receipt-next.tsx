import { Clock, Hand, Minus } from "lucide-react"
import type { ReactNode } from "react"
import type { Build } from "../../../shared/build.ts"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { Button } from "../../ui/button.tsx"
import { failedWords, heldBy } from "../build/build-words.ts"
import { useFixCheck } from "../build/fix-check.ts"
import { RetryChecks } from "../build/retry-checks.tsx"
import { isStartable, StartJob } from "../build/start-job.tsx"

const t = strings.build
const icon = "mt-[3px] size-3.5 shrink-0"

/** Under the receipt of the newest version: why its checks do not end green, and the one thing to do about it. */
export function ReceiptNext({ build }: { build: Build }) {
  const idle = useStream((state) => state.runs.every((run) => run.state === "finished"))
  const asked = useStream((state) => state.messages.at(-1)?.parts.some((part) => part.type === "question") === true)
  const held = heldBy(build)
  if (held !== null) return <Line icon={<Clock className={icon} aria-hidden />}>{held}</Line>
  switch (build.status) {
    case "failed":
      // An open question is what to do next.
      return idle && !asked ? <Failed build={build} /> : null
    case "manual": {
      const job = build.jobs.find((known) => isStartable(build, known))
      if (job === undefined) return null
      return (
        <Line icon={<Hand className={icon} aria-hidden />} action={<StartJob build={build} job={job} />}>
          {t.manualNext(job.name)}
        </Line>
      )
    }
    case "scheduled":
      return <Line icon={<Clock className={icon} aria-hidden />}>{t.scheduledNext}</Line>
    case "canceled":
    case "skipped":
      if (!idle || asked) return null
      return (
        <Line icon={<Minus className={icon} aria-hidden />} action={<RetryChecks build={build} />}>
          {build.error === null ? t.unchecked : build.error.replace(/\.?$/, ".")}
        </Line>
      )
    default:
      return null
  }
}

function Line({ icon: mark, action, children }: { icon: ReactNode; action?: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-muted">
      <p className="flex min-w-0 flex-1 basis-48 items-start gap-[7px]">
        {mark}
        <span className="line-clamp-3">{children}</span>
      </p>
      {action}
    </div>
  )
}

function Failed({ build }: { build: Build }) {
  const { fix, busy } = useFixCheck()
  return (
    <div className="flex items-center gap-3 text-sm text-bad">
      <p className="line-clamp-3 min-w-0 flex-1">{failedWords(build)}</p>
      <Button small look="primary" busy={busy} onClick={() => fix(build)}>
        {t.fix}
      </Button>
    </div>
  )
}
