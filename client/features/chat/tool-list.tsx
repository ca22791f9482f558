import { Check, CircleAlert } from "lucide-react"
import { lazy, Suspense, useId, useState } from "react"
import type { ToolPart } from "../../../shared/message.ts"
import { strings } from "../../lib/strings.ts"
import { Skeleton } from "../../ui/skeleton.tsx"
import { StatusDot } from "../../ui/status-dot.tsx"

const ToolDetail = lazy(async () => ({ default: (await import("./tool-detail.tsx")).ToolDetail }))
const t = strings.chat

/** Calls whose outcome shows in another way: the end, the question. */
export const hiddenTools: ReadonlySet<string> = new Set(["finish", "ask_user"])
const fileTools: ReadonlySet<string> = new Set(["write_file", "edit_file", "rename_file"])

/** What the AI did, one quiet line per call. */
export function ToolList({
  tools,
  versionSha,
  open,
}: {
  tools: readonly ToolPart[]
  versionSha: string | null
  open: boolean
}) {
  return (
    <ul className="grid grid-cols-[minmax(0,1fr)] gap-px border-s-2 border-line ps-3">
      {tools.map((tool) => (
        <ToolLine key={tool.callId} tool={tool} versionSha={versionSha} open={open} />
      ))}
    </ul>
  )
}

function ToolLine({ tool, versionSha, open }: { tool: ToolPart; versionSha: string | null; open: boolean }) {
  const [shown, setShown] = useState(false)
  const id = useId()
  const openable = fileTools.has(tool.tool) && tool.state === "ok" && tool.path !== undefined
  const line = <LineWords tool={tool} open={open} />
  const style = "flex min-h-7 items-center gap-[9px] py-0.5 text-start text-sm text-muted phone:min-h-11"
  if (!openable) return <li className={style}>{line}</li>
  return (
    <li>
      <button
        type="button"
        aria-expanded={shown}
        aria-controls={shown ? id : undefined}
        title={t.openChange(tool.path ?? "")}
        onClick={() => setShown(!shown)}
        className={`${style} -mx-1.5 w-[calc(100%+12px)] rounded-sm px-1.5 transition-colors duration-150 hover:bg-hover hover:text-text`}
      >
        {line}
      </button>
      {shown ? (
        <div id={id} className="mt-1 mb-2">
          <Suspense fallback={<Skeleton className="h-24" />}>
            <ToolDetail path={tool.path ?? ""} versionSha={versionSha} />
          </Suspense>
        </div>
      ) : null}
    </li>
  )
}

function LineWords({ tool, open }: { tool: ToolPart; open: boolean }) {
  const [doing, did] = t.tools[tool.tool] ?? t.toolOther
  // A call whose run is over without an end was cut off.
  const running = tool.state === "running" && open
  const failed = tool.state === "failed" || (tool.state === "running" && !open)
  return (
    <>
      {running ? (
        <span className="grid w-[15px] shrink-0 place-items-center">
          <StatusDot tone="warn" busy />
        </span>
      ) : failed ? (
        <CircleAlert className="size-[15px] shrink-0 text-warn" aria-hidden />
      ) : (
        <Check className="size-[15px] shrink-0 text-good" strokeWidth={2} aria-hidden />
      )}
      <span className="shrink-0">{tool.state === "ok" ? did : doing}</span>
      {tool.path === undefined ? (
        <span className="min-w-0 truncate">{t.toolAny[tool.tool] ?? ""}</span>
      ) : (
        <span className="min-w-0 truncate font-mono text-[12.5px] text-text">{tool.path}</span>
      )}
      {failed ? <span className="shrink-0 text-warn">{t.toolFailed}</span> : null}
      <span className="ms-auto flex shrink-0 gap-1.5 tabular-nums">
        {running && tool.lines !== undefined && tool.lines > 0 ? <span>{t.lines(tool.lines)}</span> : null}
        {tool.added === undefined ? null : <span className="text-good">+{tool.added}</span>}
        {tool.removed === undefined || tool.removed === 0 ? null : <span className="text-bad">−{tool.removed}</span>}
      </span>
    </>
  )
}
