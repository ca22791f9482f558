import { Link } from "@tanstack/react-router"
import { lazy, Suspense } from "react"
import { PreviewTab } from "../features/preview/preview-tab.tsx"
import { PreviewTools } from "../features/preview/preview-tools.tsx"
import { PreviewProvider } from "../features/preview/use-preview.tsx"
import { cx } from "../lib/cx.ts"
import type { Tab } from "../lib/project-search.ts"
import { strings } from "../lib/strings.ts"
import { Skeleton } from "../ui/skeleton.tsx"
import { useTab } from "./use-tab.ts"

const CodeTab = lazy(async () => ({ default: (await import("../features/code/code-tab.tsx")).CodeTab }))
const ChecksTab = lazy(async () => ({ default: (await import("../features/build/checks-tab.tsx")).ChecksTab }))
const VersionsTab = lazy(async () => ({ default: (await import("../features/version/versions-tab.tsx")).VersionsTab }))

const stageTabs = ["preview", "code", "checks", "versions"] as const

/** What was built, as app, code, checks and versions. The preview stays loaded behind the other tabs. */
export function Stage({ phone = false }: { phone?: boolean }) {
  const tab = useTab()
  return (
    <PreviewProvider>
      {phone ? null : (
        <div className="@container shrink-0 border-b border-line">
          <div className="flex h-[46px] items-center gap-1 px-3.5">
            <StageTabs />
            <span className="flex-1" />
            {tab === "preview" ? <PreviewTools /> : null}
          </div>
        </div>
      )}
      {phone && tab === "preview" ? (
        <div className="flex h-[52px] shrink-0 items-center gap-1 border-b border-line px-2">
          <PreviewTools />
        </div>
      ) : null}
      <div className={cx("flex min-h-0 flex-1 flex-col", tab !== "preview" && "hidden")}>
        <PreviewTab visible={tab === "preview"} />
      </div>
      {tab === "preview" || tab === "chat" ? null : (
        <div className="flex min-h-0 flex-1 flex-col">
          <Suspense fallback={<Skeleton className="m-5 h-40" />}>
            {tab === "code" ? <CodeTab /> : tab === "checks" ? <ChecksTab /> : <VersionsTab />}
          </Suspense>
        </div>
      )}
    </PreviewProvider>
  )
}

/** Links, not buttons: each part of a project has an address. */
export function StageTabs({ phone = false }: { phone?: boolean }) {
  const tab = useTab()
  const shown: readonly Tab[] = phone ? ["code", "versions"] : stageTabs
  return (
    <nav aria-label={strings.project.stage} className={cx("flex shrink-0", phone && "border-b border-line px-2")}>
      {shown.map((name) => (
        <Link
          key={name}
          from="/projects/$projectId"
          to="."
          search={{ tab: name }}
          aria-current={name === tab ? "page" : undefined}
          className={cx(
            "flex h-[46px] items-center border-b-2 px-3 text-[14px] whitespace-nowrap transition-colors duration-150",
            name === tab ? "border-accent font-semibold text-text" : "border-transparent text-muted hover:text-text",
          )}
        >
          {strings.project.tabs[name]}
        </Link>
      ))}
    </nav>
  )
}
