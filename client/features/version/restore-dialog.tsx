import type { Version } from "../../../shared/version.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { notify } from "../../ui/notice.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"

const t = strings.version

/** "Go back to this version": says first what will change. */
export function RestoreDialog({ version, onClose }: { version: Version | null; onClose: () => void }) {
  return (
    <Dialog open={version !== null} onOpenChange={onClose} title={t.restoreTitle(version?.number ?? 0)}>
      {version === null ? null : <Restore version={version} onClose={onClose} />}
    </Dialog>
  )
}

function Restore({ version, onClose }: { version: Version; onClose: () => void }) {
  const { projectId } = useOpenProject()
  const newest = useStream((state) => state.versions[0])
  const restore = trpc.version.restore.useMutation()
  // From the newest to the wanted version: exactly what going back does.
  const diff = trpc.version.diff.useQuery({ projectId, sha: version.sha, base: newest?.sha })
  const confirm = async () => {
    try {
      await restore.mutateAsync({ projectId, sha: version.sha })
      notify(t.restored(version.number))
      onClose()
    } catch (error) {
      notify(errorLine(error), "bad")
    }
  }
  const files = diff.data?.files ?? []
  const same = diff.isSuccess && files.length === 0
  return (
    <>
      {diff.isPending ? (
        <Skeleton className="h-16" />
      ) : diff.isError ? (
        <p className="text-bad">{errorLine(diff.error)}</p>
      ) : same ? (
        <p className="text-muted">{t.restoreSame(version.number)}</p>
      ) : (
        <>
          <p className="text-muted">
            {t.restoreText(version.number, files.length, (newest?.number ?? version.number) + 1)}
          </p>
          <ul className="thin-scroll max-h-40 overflow-auto rounded-md border border-line bg-sunken px-3 py-2 text-sm">
            {files.map((file) => (
              <li key={file.path} className="flex gap-3">
                <span className="min-w-0 flex-1 truncate font-mono text-[12.5px]">{file.path}</span>
                <span className="text-muted">{strings.code.change[file.change]}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{strings.common.cancel}</Button>
        <Button
          look="primary"
          disabled={diff.isPending || same}
          busy={restore.isPending}
          onClick={() => void confirm()}
        >
          {t.restoreYes}
        </Button>
      </div>
    </>
  )
}
