import { Copy } from "lucide-react"
import { errorLine } from "../../lib/error-text.ts"
import { extensionOf } from "../../lib/highlight.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { copyText } from "../../ui/copy-text.ts"
import { EmptyState } from "../../ui/empty-state.tsx"
import { HighlightedCode } from "../../ui/highlighted-code.tsx"
import { IconButton } from "../../ui/icon-button.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"

/** Longer files show in one colour: marking each word of them would stall the page. */
const colourLimit = 60_000

/** One file, to read. */
export function FileView({ path, sha }: { path: string; sha: string | undefined }) {
  const { projectId } = useOpenProject()
  const file = trpc.file.read.useQuery({ projectId, path, ref: sha }, { staleTime: 2000 })
  if (file.isPending) return <Skeleton className="m-5 h-60 flex-1" />
  if (file.isError) return <EmptyState>{errorLine(file.error)}</EmptyState>
  const { content } = file.data
  if (content === null) return <EmptyState>{strings.code.notText}</EmptyState>
  const lines = content.split("\n").length - (content.endsWith("\n") ? 1 : 0)
  return (
    <section aria-label={path} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex min-h-10 shrink-0 items-center gap-2 border-b border-line ps-4 pe-2 phone:hidden">
        <span className="min-w-0 flex-1 truncate font-mono text-sm">{path}</span>
        <span className="text-sm text-muted tabular-nums">{strings.chat.lines(lines)}</span>
        <IconButton label={strings.common.copy} onClick={() => void copyText(content)}>
          <Copy className="icon" aria-hidden />
        </IconButton>
      </div>
      <div
        tabIndex={0}
        className="thin-scroll flex min-h-0 flex-1 items-start overflow-auto bg-surface py-3 font-mono text-[12.5px] leading-[1.6] outline-offset-[-2px]"
      >
        <pre aria-hidden className="sticky start-0 shrink-0 bg-surface ps-3 pe-3 text-end text-faint select-none">
          {Array.from({ length: lines }, (_, index) => index + 1).join("\n")}
        </pre>
        <pre className="pe-4">
          <HighlightedCode
            code={content.replace(/\n$/, "")}
            language={content.length > colourLimit ? "" : extensionOf(path)}
          />
        </pre>
      </div>
    </section>
  )
}
