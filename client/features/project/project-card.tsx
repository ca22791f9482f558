import { Link } from "@tanstack/react-router"
import type { Project } from "../../../shared/project.ts"
import { relativeTime } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { StatusDot } from "../../ui/status-dot.tsx"
import { CardPicture } from "./card-picture.tsx"
import { stateWords } from "./state-words.ts"

/** A project on the home page. */
export function ProjectCard({ project }: { project: Project }) {
  const mergeOpen = project.versionRoute === "mergeRequest" && project.forge?.mergeRequest?.state === "opened"
  const state = stateWords(project, {
    newestLive: project.liveUrl !== null && !project.pinned && !mergeOpen,
    waitsForMerge: mergeOpen,
  })
  return (
    <Link
      to="/projects/$projectId"
      params={{ projectId: project.id }}
      className="block overflow-hidden rounded-xl border border-line bg-surface transition-[border-color,box-shadow] duration-150 hover:border-line-strong hover:shadow-card"
    >
      <CardPicture seed={project.id} empty={project.status === "empty"} />
      <div className="px-4 pt-3 pb-3.5">
        <p className="truncate font-semibold">{project.title || strings.project.untitled}</p>
        <p className="truncate text-sm text-muted">{project.description || "\u00a0"}</p>
        <p className="mt-2 flex items-center gap-[7px] text-sm text-muted">
          <StatusDot tone={state.tone} busy={state.busy} />
          {state.busy ? state.words : `${state.words} · ${relativeTime(project.updatedAt)}`}
        </p>
      </div>
    </Link>
  )
}
