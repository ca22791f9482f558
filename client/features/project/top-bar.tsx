import { Link } from "@tanstack/react-router"
import { ArrowUpRight, ChevronLeft, PanelLeft, WifiOff } from "lucide-react"
import { cx } from "../../lib/cx.ts"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { usePhone } from "../../lib/use-media.ts"
import { Button, buttonClass } from "../../ui/button.tsx"
import { IconButton, iconButtonClass } from "../../ui/icon-button.tsx"
import { StatusDot } from "../../ui/status-dot.tsx"
import { Tooltip } from "../../ui/tooltip.tsx"
import { mergeStateOf } from "../forge/merge-state.ts"
import { useMergeState } from "../forge/use-merge-state.ts"
import { newestGreen } from "../version/newest-green.ts"
import { usePublish } from "../version/use-publish.ts"
import { ProjectMenu } from "./project-menu.tsx"
import { ShareButton } from "./share-button.tsx"
import { stateWords } from "./state-words.ts"
import { TitleEditor } from "./title-editor.tsx"

const t = strings.project

/** Which project, how it stands, and the one next thing to do with it. */
export function TopBar({ railOpen, onRail }: { railOpen?: boolean; onRail?: () => void }) {
  const phone = usePhone()
  return (
    <header className="flex items-center gap-2 border-b border-line bg-bg px-3 phone:gap-1 phone:px-2">
      <Tooltip label={strings.home}>
        <Link to="/" aria-label={strings.home} className={iconButtonClass}>
          <ChevronLeft className="size-[18px]" aria-hidden />
        </Link>
      </Tooltip>
      {onRail === undefined ? null : (
        <IconButton label={railOpen === true ? t.hideRail : t.showRail} pressed={railOpen === true} onClick={onRail}>
          <PanelLeft className="icon" aria-hidden />
        </IconButton>
      )}
      <TitleEditor />
      {phone ? null : <State />}
      <span className="flex-1" />
      <Connection />
      {phone ? null : <ShareButton />}
      <NextAction />
      <ProjectMenu />
    </header>
  )
}

function State() {
  const project = useStream((state) => state.project)
  const newest = useStream((state) => state.versions[0])
  const build = useStream((state) => state.builds.find((known) => known.sha === newest?.sha))
  if (project === null) return null
  const state = stateWords(project, {
    newestLive: newest?.live === true,
    waitsForMerge: mergeStateOf(project, build)?.type === "waiting",
    build,
  })
  return (
    <span className="ms-1 flex shrink-0 items-center gap-[7px] text-sm text-muted">
      <StatusDot tone={state.tone} busy={state.busy} />
      {state.words}
    </span>
  )
}

function Connection() {
  const reconnecting = useStream((state) => state.reconnecting)
  return (
    <span role="status" className="flex items-center gap-1.5 text-sm text-warn">
      {reconnecting ? (
        <>
          <WifiOff className="icon" aria-hidden />
          {strings.connection.reconnecting}
        </>
      ) : null}
    </span>
  )
}

/** Publish when a newer green version waits, else open what is live. */
function NextAction() {
  const liveUrl = useStream((state) => state.project?.liveUrl ?? null)
  const versions = useStream((state) => state.versions)
  const { publish, busy } = usePublish()
  const green = newestGreen(versions)
  const merge = useMergeState(green?.sha)
  // What waits for its merge is not published here; the receipt and the versions lead to the merge request.
  if (green !== undefined && !green.live && merge === null) {
    return (
      <Button look="primary" busy={busy} onClick={() => void publish(green)}>
        {t.publish}
      </Button>
    )
  }
  if (liveUrl === null) return null
  return (
    <a href={liveUrl} target="_blank" rel="noopener" className={cx(buttonClass("primary"), "phone:px-3")}>
      <ArrowUpRight className="size-[15px] phone:hidden" aria-hidden />
      {t.openLive}
    </a>
  )
}
