import { useSearch } from "@tanstack/react-router"
import { AppWindow } from "lucide-react"
import { useEffect } from "react"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { isPlainLocal } from "../../lib/public-address.ts"
import { strings } from "../../lib/strings.ts"
import { Button, buttonClass } from "../../ui/button.tsx"
import { EmptyState } from "../../ui/empty-state.tsx"
import { focusComposer } from "../chat/composer-focus.ts"
import { PreviewFrame } from "./preview-frame.tsx"
import { Asleep, Broken, Starting } from "./preview-states.tsx"
import { usePreview } from "./use-preview.tsx"
import { useSandbox } from "./use-sandbox.ts"
import { VersionBar } from "./version-bar.tsx"

const t = strings.preview

/** The app, or in plain words why it is not there yet and what happens next. */
export function PreviewTab({ visible }: { visible: boolean }) {
  const search = useSearch({ from: "/projects/$projectId" })
  const sha = visible ? search.sha : undefined
  const { setOrigin } = usePreview()
  const { sandbox, url, wake, waking, problem } = useSandbox(sha, visible)
  const origin = url !== null && sandbox?.state === "ready" && !isPlainLocal() ? new URL(url).origin : null
  useEffect(() => setOrigin(origin), [origin, setOrigin])
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-sunken">
      {sha === undefined ? null : <VersionBar sha={sha} />}
      <Content
        origin={origin}
        url={url}
        state={sandbox?.state}
        reason={problem ?? sandbox?.reason ?? null}
        waking={waking}
        broken={problem !== null}
        wake={wake}
        sha={sha}
      />
    </div>
  )
}

interface ContentProps {
  origin: string | null
  url: string | null
  state: string | undefined
  reason: string | null
  waking: boolean
  broken: boolean
  wake: () => void
  sha: string | undefined
}

function Content({ origin, url, state, reason, waking, broken, wake, sha }: ContentProps) {
  const { outbox } = useOpenProject()
  const status = useStream((known) => known.project?.status)
  const built = useStream((known) => known.versions.length > 0)
  if (origin !== null) return <PreviewFrame key={origin} origin={origin} draft={sha === undefined} />
  if (state === "ready" && url !== null && isPlainLocal()) {
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
  if (broken || (state === "failed" && !waking)) {
    return (
      <Broken
        reason={reason}
        onAgain={wake}
        onFix={sha === undefined ? () => outbox.add(t.fixWish(reason ?? t.stoppedPlain)) : undefined}
      />
    )
  }
  if (waking || state === "starting") return <Starting reason={reason} />
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
  return <Asleep onWake={wake} />
}
