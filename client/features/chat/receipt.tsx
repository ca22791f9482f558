import { Link } from "@tanstack/react-router"
import { Check, X } from "lucide-react"
import { cx } from "../../lib/cx.ts"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { StatusDot } from "../../ui/status-dot.tsx"
import { type BuildLook, buildColour, buildLook } from "../build/build-words.ts"
import { MergeNote } from "../forge/merge-note.tsx"
import { useMergeState } from "../forge/use-merge-state.ts"
import { isShownLive } from "../version/shown-live.ts"
import { ReceiptNext } from "./receipt-next.tsx"

const t = strings.chat.receipt
const step =
  "flex min-h-9 shrink-0 items-center gap-[7px] border-e border-line px-2.5 max-[400px]:px-2 max-[400px]:gap-1 transition-colors duration-150 last:border-0 hover:bg-hover phone:min-h-11"

/** What came of an answer: each word leads to its link of the chain and takes its colour as it happens. */
export function Receipt({ sha }: { sha: string }) {
  const version = useStream((state) => state.versions.find((known) => known.sha === sha))
  const newest = useStream((state) => state.versions[0]?.sha === sha)
  const build = useStream((state) => state.builds.find((known) => known.sha === sha))
  const liveUrl = useStream((state) => (isShownLive(state.versions, sha) ? (state.project?.liveUrl ?? null) : null))
  const merge = useMergeState(sha)
  if (version === undefined) return null
  const status = build?.status ?? version.buildStatus
  const look = status === null ? null : buildLook(build ?? { status, error: null })
  const notLive = status === "failed" || status === "canceled" || status === "skipped" || merge !== null
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
          <a
            href={liveUrl}
            target="_blank"
            rel="noopener"
            className={cx(step, "justify-center font-semibold text-good phone:min-w-11")}
          >
            {t.live}
          </a>
        ) : newest ? (
          <Link
            from={from}
            to="."
            search={{ tab: "versions", sha }}
            className={cx(step, "justify-center text-faint phone:min-w-11")}
          >
            {notLive ? t.notLive : t.live}
          </Link>
        ) : null}
      </div>
      {newest && merge !== null && build?.status !== "failed" ? <MergeNote merge={merge} /> : null}
      {newest && build !== undefined ? <ReceiptNext build={build} /> : null}
    </div>
  )
}

function CheckMark({ tone, busy }: Pick<BuildLook, "tone" | "busy">) {
  if (tone === "good") return <Check className="size-3.5" strokeWidth={2} aria-hidden />
  if (tone === "bad") return <X className="size-3.5" strokeWidth={2} aria-hidden />
  return <StatusDot tone={tone} busy={busy} />
}
