import { useParams } from "@tanstack/react-router"
import { useRef } from "react"
import { Conversation } from "../features/chat/conversation.tsx"
import { ProjectRail } from "../features/project/project-rail.tsx"
import { TopBar } from "../features/project/top-bar.tsx"
import { useConversationWidth } from "../features/project/use-conversation-width.ts"
import { useRail } from "../features/project/use-rail.ts"
import { ProjectStreamProvider, useStream } from "../lib/project-stream.tsx"
import { strings } from "../lib/strings.ts"
import { usePhone } from "../lib/use-media.ts"
import { Resizer } from "../ui/resizer.tsx"
import { Skeleton } from "../ui/skeleton.tsx"
import { BottomBar } from "./bottom-bar.tsx"
import { ErrorPage } from "./error-page.tsx"
import { Stage, StageTabs } from "./stage.tsx"
import { useKeptFocus } from "./use-kept-focus.ts"
import { useProjectKeys } from "./use-project-keys.ts"
import { useTab } from "./use-tab.ts"

/** One project: the conversation beside what was built; on a phone one at a time. */
export function ProjectScreen() {
  const { projectId } = useParams({ from: "/projects/$projectId" })
  return (
    <ProjectStreamProvider key={projectId} projectId={projectId}>
      <Screen />
    </ProjectStreamProvider>
  )
}

function Screen() {
  const phase = useStream((state) => state.phase)
  const error = useStream((state) => state.error)
  const phone = usePhone()
  useProjectKeys()
  if (phase === "failed") return <ErrorPage error={error} />
  if (phase === "loading") return <Loading />
  return phone ? <PhoneScreen /> : <WideScreen />
}

function WideScreen() {
  const rail = useRail()
  const { width, setWidth, min, max } = useConversationWidth(rail.open)
  const stage = useRef<HTMLElement>(null)
  useKeptFocus(stage, useTab())
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[54px_minmax(0,1fr)]">
      <TopBar railOpen={rail.open} onRail={rail.toggle} />
      <main className="flex min-h-0">
        {rail.open ? <ProjectRail /> : null}
        <section aria-label={strings.project.conversation} className="flex min-h-0 shrink-0 flex-col" style={{ width }}>
          <Conversation />
        </section>
        <Resizer label={strings.project.resize} value={width} min={min} max={max} onChange={setWidth} />
        <section
          ref={stage}
          tabIndex={-1}
          aria-label={strings.project.stage}
          className="flex min-w-0 flex-1 flex-col outline-none"
        >
          <Stage />
        </section>
      </main>
    </div>
  )
}

function PhoneScreen() {
  const tab = useTab()
  const main = useRef<HTMLElement>(null)
  useKeptFocus(main, tab)
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[54px_minmax(0,1fr)_auto]">
      <TopBar />
      <main ref={main} tabIndex={-1} className="flex min-h-0 flex-col outline-none">
        {tab === "chat" ? (
          <Conversation />
        ) : (
          <>
            {tab === "code" || tab === "versions" ? <StageTabs phone /> : null}
            <Stage phone />
          </>
        )}
      </main>
      <BottomBar tab={tab} />
    </div>
  )
}

function Loading() {
  return (
    <div role="status" aria-label={strings.common.loading} className="grid h-full grid-rows-[54px_minmax(0,1fr)]">
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Skeleton className="h-5 w-48" />
      </div>
      <div className="flex min-h-0">
        <div className="grid w-[440px] content-start gap-4 border-e border-line p-6 phone:w-full phone:border-0">
          <Skeleton className="ms-auto h-14 w-3/4 rounded-xl" />
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-5/6" />
          <Skeleton className="h-4 w-2/3" />
        </div>
        <div className="flex-1 bg-sunken p-5 phone:hidden">
          <Skeleton className="h-full rounded-lg opacity-60" />
        </div>
      </div>
    </div>
  )
}
