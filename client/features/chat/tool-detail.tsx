import { errorLine } from "../../lib/error-text.ts"
import { extensionOf } from "../../lib/highlight.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Skeleton } from "../../ui/skeleton.tsx"
import { PatchView } from "../code/patch-view.tsx"
import { CodeBlock } from "./code-block.tsx"

/** What a call changed: the diff in its version, or the file as it is while there is no version yet. */
export function ToolDetail({ path, versionSha }: { path: string; versionSha: string | null }) {
  return versionSha === null ? <FileNow path={path} /> : <Change path={path} sha={versionSha} />
}

function Change({ path, sha }: { path: string; sha: string }) {
  const { projectId } = useOpenProject()
  const diff = trpc.version.diff.useQuery({ projectId, sha }, { staleTime: Infinity })
  if (diff.isPending) return <Skeleton className="h-24" />
  if (diff.isError) return <p className="text-sm text-bad">{errorLine(diff.error)}</p>
  const change = diff.data.files.find((file) => file.path === path || file.oldPath === path)
  if (change === undefined) return <p className="text-sm text-muted">{strings.chat.noChange}</p>
  return (
    <div className="thin-scroll max-h-[420px] overflow-auto rounded-lg border border-line bg-surface">
      <PatchView change={change} />
    </div>
  )
}

function FileNow({ path }: { path: string }) {
  const { projectId } = useOpenProject()
  const file = trpc.file.read.useQuery({ projectId, path }, { staleTime: 0 })
  if (file.isPending) return <Skeleton className="h-24" />
  if (file.isError) return <p className="text-sm text-bad">{errorLine(file.error)}</p>
  if (file.data.content === null) return <p className="text-sm text-muted">{strings.code.notText}</p>
  return <CodeBlock language={extensionOf(path)} code={file.data.content} />
}
