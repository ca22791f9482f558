import { Download } from "lucide-react"
import { useState } from "react"
import type { Artifact, Build } from "../../../shared/build.ts"
import { fileSize } from "../../lib/file-size.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"

const t = strings.build
const shownAtOnce = 8

/** The files that the checks left behind, check by check, each to download. */
export function ArtifactList({ build }: { build: Build }) {
  const { projectId } = useOpenProject()
  const list = trpc.build.artifacts.useQuery({ projectId, buildId: build.id })
  const files = (list.data?.artifacts ?? []).toSorted((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }))
  if (files.length === 0) return null
  const made = build.jobs.map((job) => ({ job, files: files.filter((file) => file.jobId === job.id) }))
  return (
    <section aria-label={t.artifacts} className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {made.map(({ job, files: own }) =>
        own.length === 0 ? null : <Made key={job.id} check={job.name} files={own} />,
      )}
    </section>
  )
}

function Made({ check, files }: { check: string; files: readonly Artifact[] }) {
  const [all, setAll] = useState(false)
  // A button that would uncover a single file is not worth its place.
  const shown = all || files.length <= shownAtOnce + 1 ? files : files.slice(0, shownAtOnce)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <h3 className="text-sm font-semibold text-muted">{t.artifactsOf(check)}</h3>
      <ul className="overflow-hidden rounded-lg border border-line bg-surface">
        {shown.map((file) => (
          <li key={file.path} className="border-b border-line last:border-0">
            <a
              href={file.url}
              download
              className="flex min-h-10 items-center gap-2.5 px-3.5 text-sm hover:bg-hover phone:min-h-11"
            >
              <Download className="icon shrink-0 text-muted" aria-hidden />
              <Path path={file.path} />
              <span className="shrink-0 text-muted tabular-nums">{fileSize(file.size)}</span>
            </a>
          </li>
        ))}
      </ul>
      {shown.length === files.length ? null : (
        <Button small look="quiet" className="justify-self-start" onClick={() => setAll(true)}>
          {t.allArtifacts(files.length)}
        </Button>
      )}
    </div>
  )
}

/** The name stays whole; a long folder gives way. */
function Path({ path }: { path: string }) {
  const cut = path.lastIndexOf("/") + 1
  return (
    <span className="flex min-w-0 flex-1" title={path}>
      <span className="min-w-0 truncate text-muted">{path.slice(0, cut)}</span>
      <span className="max-w-[85%] shrink-0 truncate">{path.slice(cut)}</span>
    </span>
  )
}
