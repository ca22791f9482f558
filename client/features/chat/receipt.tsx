import { Link } from "@tanstack/react-router"
import { Check, Clock, X } from "lucide-react"
import type { Build } from "../../../shared/build.ts"
import { cx } from "../../lib/cx.ts"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { Button } from "../../ui/button.tsx"
import { StatusDot } from "../../ui/status-dot.tsx"
import { type BuildLook, buildColour, buildLook, buildWords, heldBy } from "../build/build-words.ts"
import { useFixCheck } from "../build/fix-check.ts"
import { plainLine } from "../build/log-text.ts"
import { MergeNote } from "../forge/merge-note.tsx"
import { useMergeState } from "../forge/use-merge-state.ts"

const t = strings.chat.receipt
const step =
  "flex min-h-9 shrink-0 items-center gap-[7px] border-e border-line px-3 max-[400px]:px-2 max-[400px]:gap-1 transition-colors duration-150 last:border-0 hover:bg-hover phone:min-h-11"

/** What came of an answer: each word leads to its link of the chain and takes its colour as it happens. */
export function Receipt({ sha }: { sha: string }) {
  const version = useStream((state) => state.versions.find((known) => known.sha === sha))
  const newest = useStream((state) => state.versions[0]?.sha === sha)
  const build = useStream((state) => state.builds.find((known) => known.sha === sha))
  const liveUrl = useStream((state) => (state.project?.liveSha === sha ? state.project.liveUrl : null))
  const merge = useMergeState(sha)
  if (version === undefined) return null
  const status = build?.status ?? version.buildStatus
  const look = status === null ? null : buildLook({ status, error: build?.error ?? null })
  const held = build === undefined ? null : heldBy(build)
  const notLive = status === "failed" || status === "canceled" || merge !== null
  const from = "/projects/$projectId"
  return (
    <div role="group" aria-label={t.label} className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <div className="flex w-fit max-w-full overflow-x-auto overflow-y-hidden rounded-lg [scrollbar-width:none] border border-line bg-surface text-sm">
        <Link from={from} to="." search={{ tab: "versions", sha }} className={step}>
          {t.version(version.number)}
        </Link>
        <Link from={from} to="." search={{ tab: "code", sha }} className={step}>
          {t.files(version.files)}
        </Link>
        {look === null || status === null ? null : (
          <Link
            from={from}
            to="."
            search={{ tab: "checks", build: build?.id }}
            className={cx(step, buildColour(status))}
          >
            <CheckMark {...look} />
            {look.words}
          </Link>
        )}
        {liveUrl !== null ? (
          <a href={liveUrl} target="_blank" rel="noopener" className={cx(step, "font-semibold text-good")}>
            {t.live}
          </a>
        ) : newest ? (
          <Link from={from} to="." search={{ tab: "versions", sha }} className={cx(step, "text-faint")}>
            {notLive ? t.notLive : t.live}
          </Link>
        ) : null}
      </div>
      {newest && held !== null ? (
        <p className="flex items-start gap-[7px] text-sm text-muted">
          <Clock className="mt-[3px] size-3.5 shrink-0" aria-hidden />
          {held}
        </p>
      ) : null}
      {newest && merge !== null && build?.status !== "failed" ? <MergeNote merge={merge} /> : null}
      {newest && build?.status === "failed" ? <Failed build={build} /> : null}
    </div>
  )
}

/** Why the newest version is red, and the one thing to do about it. */
function Failed({ build }: { build: Build }) {
  const idle = useStream((state) => state.runs.every((run) => run.state === "finished"))
  const { fix, busy } = useFixCheck()
  const line = build.error === null ? "" : plainLine(build.error)
  if (!idle) return null
  return (
    <div className="flex items-center gap-3 text-sm text-bad">
      <p className="line-clamp-2 min-w-0 flex-1">{line === "" ? buildWords("failed") : strings.build.failedAt(line)}</p>
      <Button small look="primary" busy={busy} onClick={() => fix(build)}>
        {strings.build.fix}
      </Button>
    </div>
  )
}

function CheckMark({ tone, busy }: Pick<BuildLook, "tone" | "busy">) {
  if (tone === "good") return <Check className="size-3.5" strokeWidth={2} aria-hidden />
  if (tone === "bad") return <X className="size-3.5" strokeWidth={2} aria-hidden />
  return <StatusDot tone={tone} busy={busy} />
}
