import { useEffect, useRef } from "react"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Skeleton } from "../../ui/skeleton.tsx"
import { logLines } from "../build/log-text.ts"

const t = strings.preview
const refreshMs = 1_000

/** The last of what the app wrote; read again and again while it starts. */
export function AppLog({ sha, live }: { sha: string | undefined; live: boolean }) {
  const { projectId } = useOpenProject()
  const kind = sha === undefined ? "draft" : "version"
  const log = trpc.sandbox.log.useQuery(
    { projectId, kind, sha },
    { refetchInterval: live ? refreshMs : false, gcTime: 0 },
  )
  const { refetch } = log
  // What it wrote last came after the last look.
  useEffect(() => {
    if (!live) void refetch()
  }, [live, refetch])
  const view = useRef<HTMLDivElement>(null)
  const following = useRef(true)
  const text = log.data === undefined ? null : logLines(log.data.text).join("\n")
  useEffect(() => {
    if (following.current && view.current !== null) view.current.scrollTop = view.current.scrollHeight
  }, [text])
  if (log.isError && text === null) return <p className="text-center text-sm text-bad">{errorLine(log.error)}</p>
  if (text === null) return <Skeleton className="h-56" />
  return (
    <div
      ref={view}
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={t.log}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        following.current = scrollHeight - scrollTop - clientHeight < 24
      }}
      className="thin-scroll h-56 overflow-auto rounded-lg border border-line bg-surface px-3.5 py-2.5 text-start font-mono text-[12.5px] leading-[1.6] whitespace-pre-wrap"
    >
      {text.trim() === "" ? <span className="text-muted">{t.noLog}</span> : text}
    </div>
  )
}
