import { useSearch } from "@tanstack/react-router"
import { History } from "lucide-react"
import { useState } from "react"
import type { Version } from "../../../shared/version.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { EmptyState } from "../../ui/empty-state.tsx"
import { notify } from "../../ui/notice.tsx"
import { newestGreen } from "./newest-green.ts"
import { PublishDialog } from "./publish-dialog.tsx"
import { RestoreDialog } from "./restore-dialog.tsx"
import { useOlderVersions } from "./use-older-versions.ts"
import { VersionRow } from "./version-row.tsx"

const t = strings.version

/** Every version on a line of time, newest first. */
export function VersionsTab() {
  const { sha } = useSearch({ from: "/projects/$projectId" })
  const { versions, more, loadMore, loading } = useOlderVersions()
  const [restoring, setRestoring] = useState<Version | null>(null)
  const [publishing, setPublishing] = useState<Version | null>(null)
  if (versions.length === 0) return <EmptyState icon={<History />}>{t.none}</EmptyState>
  const green = newestGreen(versions)
  return (
    <div className="thin-scroll min-h-0 flex-1 overflow-y-auto">
      <div className="grid max-w-[760px] gap-4 p-5 phone:p-4">
        <Pinned />
        <ol aria-label={t.title} className="grid">
          {versions.map((version, index) => (
            <VersionRow
              key={version.sha}
              version={version}
              newest={index === 0}
              marked={sha !== undefined && version.sha.startsWith(sha)}
              onRestore={() => setRestoring(version)}
              onPublish={() => setPublishing(version)}
            />
          ))}
        </ol>
        {more ? (
          <Button look="quiet" busy={loading} onClick={loadMore} className="justify-self-center">
            {t.more}
          </Button>
        ) : null}
      </div>
      <RestoreDialog version={restoring} onClose={() => setRestoring(null)} />
      <PublishDialog
        version={publishing}
        older={publishing !== null && green !== undefined && publishing.number < green.number}
        onClose={() => setPublishing(null)}
      />
    </div>
  )
}

/** Says that live does not follow, and offers to let it. */
function Pinned() {
  const { projectId } = useOpenProject()
  const pinned = useStream((state) => state.project?.pinned === true)
  const live = useStream((state) => state.versions.find((version) => version.live))
  const unpin = trpc.version.unpin.useMutation({
    onSuccess: () => notify(t.unpinned),
    onError: (error) => notify(errorLine(error), "bad"),
  })
  if (!pinned || live === undefined) return null
  return (
    <div className="flex flex-wrap items-center gap-3 rounded-lg bg-warn-soft px-4 py-2.5 text-sm text-warn">
      <p className="min-w-0 flex-1 basis-48">{t.pinned(live.number)}</p>
      <Button small busy={unpin.isPending} onClick={() => unpin.mutate({ projectId })}>
        {t.unpin}
      </Button>
    </div>
  )
}
