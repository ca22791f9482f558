import { useSearch } from "@tanstack/react-router"
import { AppWindow } from "lucide-react"
import { useEffect, useState } from "react"
import { useStream } from "../../lib/project-stream.tsx"
import { isPlainLocal } from "../../lib/public-address.ts"
import { strings } from "../../lib/strings.ts"
import { Button, buttonClass } from "../../ui/button.tsx"
import { EmptyState } from "../../ui/empty-state.tsx"
import { focusComposer } from "../chat/composer-focus.ts"
import { AppLog } from "./app-log.tsx"
import { useFixApp } from "./fix-app.ts"
import { LimitCard } from "./limit-card.tsx"
import { PreviewFrame } from "./preview-frame.tsx"
import { Asleep, Broken, Starting } from "./preview-states.tsx"
import { usePreview } from "./use-preview.tsx"
import { type PreviewSandbox, useSandbox } from "./use-sandbox.ts"
import { VersionBar } from "./version-bar.tsx"

const t = strings.preview

/** The app, or in plain words why it is not there yet and what happens next. */
export function PreviewTab({ visible }: { visible: boolean }) {
  const search = useSearch({ from: "/projects/$projectId" })
  const sha = visible ? search.sha : undefined
  const { setOrigin } = usePreview()
  const known = useSandbox(sha, visible)
  const { sandbox, url } = known
  const origin = url !== null && sandbox?.state === "ready" && !isPlainLocal() ? new URL(url).origin : null
  useEffect(() => setOrigin(origin), [origin, setOrigin])
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-sunken">
      {sha === undefined ? null : <VersionBar sha={sha} />}
      {origin === null ? (
        <div className="thin-scroll flex min-h-0 flex-1 flex-col overflow-y-auto">
          <NotShown {...known} sha={sha} />
        </div>
      ) : (
        <PreviewFrame key={origin} origin={origin} draft={sha === undefined} />
      )}
    </div>
  )
}

/** What stands in the place of the app while there is none to show. */
function NotShown({ sandbox, url, waking, problem, limited, wake, sha }: PreviewSandbox & { sha: string | undefined }) {
  const status = useStream((state) => state.project?.status)
  const built = useStream((state) => state.versions.length > 0)
  const { fix, busy } = useFixApp()
  const [log, setLog] = useState(false)
  const state = sandbox?.state
  const reason = problem ?? sandbox?.reason ?? null
  if (state === "ready" && url !== null) {
    return (
      <EmptyState
        icon={<AppWindow />}
        action={
          <a href={url} target="_blank" rel="noopener" className={buttonClass("primary")}>
            {t.elsewhereButton}
          </a>
        }
      >
        {t.elsewhere}
      </EmptyState>
    )
  }
  if (limited && state !== "starting") return <LimitCard waking={waking} onWake={wake} />
  const starting = state === "starting" || (waking && problem === null)
  if (starting || problem !== null || state === "failed") {
    const logButton = (
      <Button look="quiet" aria-expanded={log} onClick={() => setLog(!log)}>
        {log ? t.hideLog : t.showLog}
      </Button>
    )
    return (
      <div className="m-auto grid w-full max-w-[640px] grid-cols-[minmax(0,1fr)] py-2">
        {starting ? (
          <Starting reason={state === "starting" ? reason : null} logButton={logButton} />
        ) : (
          <Broken
            reason={reason}
            // Nothing that the server refuses is the app's fault.
            cause={problem === null ? (sandbox?.cause ?? null) : "engine"}
            onFix={sha === undefined ? () => fix(reason ?? t.stopped) : undefined}
            fixing={busy}
            onAgain={wake}
            logButton={logButton}
          />
        )}
        {log ? (
          <div className="px-4.5 pb-4 phone:px-3">
            <AppLog sha={sha} live={starting} />
          </div>
        ) : null}
      </div>
    )
  }
  if (!built && sha === undefined) {
    const working = status === "working"
    return (
      <EmptyState
        icon={<AppWindow />}
        title={t.emptyTitle}
        action={working ? undefined : <Button onClick={focusComposer}>{t.emptyButton}</Button>}
      >
        {working ? t.building : t.emptyText}
      </EmptyState>
    )
  }
  return <Asleep reason={reason} onWake={wake} />
}
