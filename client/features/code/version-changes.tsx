import { Link } from "@tanstack/react-router"
import type { FileChange } from "../../../shared/version.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { EmptyState } from "../../ui/empty-state.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"
import { PatchView } from "./patch-view.tsx"

const t = strings.code
/** More changed lines than this start folded. */
const longChange = 400

/** What one version changed, file by file. */
export function VersionChanges({ sha }: { sha: string }) {
  const { projectId } = useOpenProject()
  const diff = trpc.version.diff.useQuery({ projectId, sha }, { staleTime: Infinity })
  if (diff.isPending) return <Skeleton className="m-5 h-60" />
  if (diff.isError) {
    return (
      <EmptyState action={<Button onClick={() => void diff.refetch()}>{strings.error.tryAgain}</Button>}>
        {errorLine(diff.error)}
      </EmptyState>
    )
  }
  const { files } = diff.data
  if (files.length === 0) return <EmptyState>{t.sameWords}</EmptyState>
  return (
    <div className="thin-scroll grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] content-start gap-4 overflow-y-auto p-5 phone:p-3">
      {files.map((change) => (
        <ChangedFile key={change.path} change={change} sha={sha} />
      ))}
    </div>
  )
}

function ChangedFile({ change, sha }: { change: FileChange; sha: string }) {
  return (
    <details
      open={change.added + change.removed <= longChange}
      className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface"
    >
      <summary className="flex min-h-10 items-center gap-2.5 px-3.5 text-sm phone:min-h-11">
        <span className="min-w-0 truncate font-mono">{change.path}</span>
        <span className="shrink-0 text-muted">{t.change[change.change]}</span>
        <span className="ms-auto flex shrink-0 gap-1.5 tabular-nums">
          {change.added > 0 ? <span className="text-good">+{change.added}</span> : null}
          {change.removed > 0 ? <span className="text-bad">−{change.removed}</span> : null}
        </span>
      </summary>
      <div className="overflow-x-auto border-t border-line">
        <PatchView change={change} />
      </div>
      {change.change === "deleted" ? null : (
        <div className="border-t border-line px-3.5 py-1.5 text-sm">
          <Link
            from="/projects/$projectId"
            to="."
            search={{ tab: "code", sha, file: change.path }}
            className="inline-flex min-h-8 items-center text-accent underline underline-offset-3 phone:min-h-11"
          >
            {t.openFile}
          </Link>
        </div>
      )}
    </details>
  )
}
