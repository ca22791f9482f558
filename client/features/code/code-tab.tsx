import { Link, useNavigate, useSearch } from "@tanstack/react-router"
import { Download, FileCode, GitBranch } from "lucide-react"
import { useEffect } from "react"
import { cx } from "../../lib/cx.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { queries, trpc } from "../../lib/trpc.ts"
import { usePhone } from "../../lib/use-media.ts"
import { Button, buttonClass } from "../../ui/button.tsx"
import { copyText } from "../../ui/copy-text.ts"
import { EmptyState } from "../../ui/empty-state.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"
import { OpenInGitLab } from "../forge/open-in-gitlab.tsx"
import { cloneAddress } from "../project/clone-address.ts"
import { FileTree } from "./file-tree.tsx"
import { FileView } from "./file-view.tsx"
import { firstFile, treeOf } from "./tree-model.ts"
import { VersionChanges } from "./version-changes.tsx"

const t = strings.code

/** The files of the project as they are now, or what one version changed. */
export function CodeTab() {
  const { sha, file } = useSearch({ from: "/projects/$projectId" })
  return (
    <>
      <CodeBar sha={sha} />
      {sha !== undefined && file === undefined ? <VersionChanges sha={sha} /> : <Files sha={sha} file={file} />}
    </>
  )
}

const segment = (on: boolean): string =>
  cx(
    "flex h-8 items-center rounded-md px-3 text-sm phone:h-11",
    on ? "bg-hover font-semibold text-text" : "text-muted hover:text-text",
  )

function CodeBar({ sha }: { sha: string | undefined }) {
  const { projectId } = useOpenProject()
  const slug = useStream((state) => state.project?.slug ?? null)
  const version = useStream((state) =>
    sha === undefined ? state.versions[0] : state.versions.find((known) => known.sha.startsWith(sha)),
  )
  const from = "/projects/$projectId"
  return (
    <div className="flex min-h-[46px] shrink-0 flex-wrap items-center gap-1 border-b border-line px-3.5 py-1">
      <Link
        from={from}
        to="."
        search={{ tab: "code" }}
        className={segment(sha === undefined)}
        aria-current={sha === undefined ? "page" : undefined}
      >
        {t.allFiles}
      </Link>
      {version === undefined ? null : (
        <Link
          from={from}
          to="."
          search={{ tab: "code", sha: version.sha }}
          className={segment(sha !== undefined)}
          aria-current={sha === undefined ? undefined : "page"}
        >
          {t.changesOf(version.number)}
        </Link>
      )}
      <span className="flex-1" />
      {sha === undefined || version === undefined ? null : (
        <span className="flex px-2">
          <OpenInGitLab href={version.webUrl} what={strings.version.page(version.number)} />
        </span>
      )}
      <a
        href={`/files/${projectId}.zip${sha === undefined ? "" : `?ref=${sha}`}`}
        download
        className={cx(buttonClass("quiet", true), "phone:hidden")}
      >
        <Download className="icon" aria-hidden />
        {t.download}
      </a>
      {slug === null ? null : (
        <Button
          look="quiet"
          small
          title={t.cloneText}
          className="phone:hidden"
          icon={<GitBranch className="icon" aria-hidden />}
          onClick={() => void copyText(`git clone ${cloneAddress(slug)}`, strings.project.cloneCopied)}
        >
          {t.clone}
        </Button>
      )}
    </div>
  )
}

function Files({ sha, file }: { sha: string | undefined; file: string | undefined }) {
  const { projectId } = useOpenProject()
  const navigate = useNavigate({ from: "/projects/$projectId" })
  const phone = usePhone()
  const newest = useStream((state) => state.versions[0]?.sha)
  const tree = trpc.file.tree.useQuery({ projectId, ref: sha }, { staleTime: 2000 })
  useEffect(() => {
    void queries.file.invalidate()
  }, [newest])
  if (tree.isPending) return <Skeleton className="m-5 h-40" />
  if (tree.isError) {
    return (
      <EmptyState action={<Button onClick={() => void tree.refetch()}>{strings.error.tryAgain}</Button>}>
        {errorLine(tree.error)}
      </EmptyState>
    )
  }
  const { files } = tree.data
  if (files.length === 0) return <EmptyState icon={<FileCode />}>{t.none}</EmptyState>
  const open = file ?? firstFile(files)
  if (phone) {
    return (
      <>
        <label className="grid shrink-0 border-b border-line p-2">
          <span className="sr-only">{t.files}</span>
          <select
            value={open}
            onChange={(event) => void navigate({ to: ".", search: { tab: "code", sha, file: event.target.value } })}
            className="h-11 min-w-0 rounded-md border border-line-strong bg-surface px-3"
          >
            {files.map((entry) => (
              <option key={entry.path}>{entry.path}</option>
            ))}
          </select>
        </label>
        {open === undefined ? null : <FileView path={open} sha={sha} />}
      </>
    )
  }
  return (
    <div className="flex min-h-0 flex-1">
      <nav aria-label={t.files} className="thin-scroll w-[216px] shrink-0 overflow-y-auto border-e border-line p-2">
        <FileTree nodes={treeOf(files)} open={open} sha={sha} />
      </nav>
      {open === undefined ? <EmptyState>{t.choose}</EmptyState> : <FileView path={open} sha={sha} />}
    </div>
  )
}
