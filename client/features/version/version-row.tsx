import { Link } from "@tanstack/react-router"
import type { Version } from "../../../shared/version.ts"
import { cx } from "../../lib/cx.ts"
import { useStream } from "../../lib/project-stream.tsx"
import { relativeTime } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { Button, buttonClass } from "../../ui/button.tsx"
import { MessageLink } from "../chat/message-link.tsx"
import { MergeNote } from "../forge/merge-note.tsx"
import { OpenInGitLab } from "../forge/open-in-gitlab.tsx"
import { useMergeState } from "../forge/use-merge-state.ts"
import { buildColour, buildLook } from "../build/build-words.ts"

const t = strings.version

interface RowProps {
  version: Version
  newest: boolean
  /** The address names this version. */
  marked: boolean
  onRestore: () => void
  onPublish: () => void
}

/** One version: what it is, how its checks went, and what can be done with it. */
export function VersionRow({ version, newest, marked, onRestore, onPublish }: RowProps) {
  const build = useStream((state) => state.builds.find((known) => known.sha === version.sha))
  const liveUrl = useStream((state) => (version.live ? (state.project?.liveUrl ?? null) : null))
  const merge = useMergeState(version.sha)
  const status = build?.status ?? version.buildStatus
  // Until it is delivered there is no such page.
  const delivered = build === undefined || build.branch !== null || build.finishedAt !== null
  const from = "/projects/$projectId"
  const link = "inline-flex min-h-7 items-center underline-offset-3 hover:underline phone:min-h-11"
  return (
    <li
      ref={(node) => {
        if (marked) node?.scrollIntoView({ block: "nearest" })
      }}
      className="group relative grid grid-cols-[20px_minmax(0,1fr)] gap-x-3 pb-6 last:pb-0"
    >
      <span aria-hidden className="absolute start-[9px] top-6 bottom-0 w-0.5 bg-line group-last:hidden" />
      <span
        aria-hidden
        className={cx(
          "mt-[5px] size-5 rounded-full border-4 border-bg",
          version.live ? "bg-good" : newest ? "bg-accent" : "bg-line-strong",
        )}
      />
      <div className={cx("grid gap-2", marked && "-mx-3 -my-2 rounded-lg bg-surface px-3 py-2 shadow-card")}>
        <div>
          <p className="flex flex-wrap items-baseline gap-x-2.5">
            <span className="font-semibold">{t.number(version.number)}</span>
            {liveUrl === null ? null : (
              <a
                href={liveUrl}
                target="_blank"
                rel="noopener"
                className="group/live phone:-my-2.5 phone:inline-flex phone:min-h-11 phone:min-w-11 phone:items-center phone:self-center"
              >
                <span className="rounded-full bg-good-soft px-2 text-sm font-semibold text-good underline-offset-3 group-hover/live:underline">
                  {t.live}
                </span>
              </a>
            )}
            {newest ? <span className="text-sm text-muted">{t.newest}</span> : null}
            <time
              dateTime={version.createdAt}
              title={new Date(version.createdAt).toLocaleString()}
              className="text-sm text-muted"
            >
              {relativeTime(version.createdAt)}
            </time>
          </p>
          <p className="line-clamp-2">{version.title}</p>
          <div className="flex flex-wrap gap-x-3 text-sm text-muted">
            <p className="flex flex-wrap items-center gap-x-3">
              <Link from={from} to="." search={{ tab: "code", sha: version.sha }} className={link}>
                {t.files(version.files)}
                {version.files === 0 ? null : <span className="ms-1.5 text-good tabular-nums">+{version.added}</span>}
                {version.removed === 0 ? null : <span className="ms-1 text-bad tabular-nums">−{version.removed}</span>}
              </Link>
              {status === null ? null : (
                <Link
                  from={from}
                  to="."
                  search={{ tab: "checks", build: build?.id }}
                  className={cx(link, buildColour(status))}
                >
                  {buildLook(build ?? { status, error: null }).words}
                </Link>
              )}
            </p>
            <p className="flex flex-wrap items-center gap-x-3 empty:hidden">
              <MessageLink runId={version.runId} />
              {delivered ? <OpenInGitLab href={version.webUrl} what={t.page(version.number)} /> : null}
            </p>
          </div>
          {merge === null || version.live ? null : <MergeNote merge={merge} />}
        </div>
        <div className="flex flex-wrap gap-2">
          <Link
            from={from}
            to="."
            search={{ tab: "preview", sha: newest ? undefined : version.sha }}
            className={buttonClass("plain", true)}
          >
            {t.look}
          </Link>
          {newest ? null : (
            <Button small onClick={onRestore}>
              {t.restore}
            </Button>
          )}
          {!version.live && status === "success" ? (
            <Button small look={newest && merge === null ? "primary" : "plain"} onClick={onPublish}>
              {t.publish}
            </Button>
          ) : null}
        </div>
      </div>
    </li>
  )
}
