import { Link } from "@tanstack/react-router"
import { Plus } from "lucide-react"
import { useEffect } from "react"
import { cx } from "../../lib/cx.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { queries, trpc } from "../../lib/trpc.ts"
import { buttonClass } from "../../ui/button.tsx"
import { StatusDot } from "../../ui/status-dot.tsx"
import { stateWords } from "./state-words.ts"

/** The person's projects beside the open one. One stream per tab: the list follows the open project's news. */
export function ProjectRail() {
  const { projectId } = useOpenProject()
  const changedAt = useStream((state) => state.project?.updatedAt)
  const title = useStream((state) => state.project?.title)
  const list = trpc.project.list.useQuery({ limit: 50 })
  useEffect(() => {
    void queries.project.list.invalidate()
  }, [changedAt, title])
  return (
    <nav
      aria-label={strings.project.rail}
      className="thin-scroll flex w-[220px] shrink-0 flex-col gap-0.5 overflow-y-auto border-e border-line p-2.5"
    >
      <Link to="/" className={cx(buttonClass("plain", true), "mb-2")}>
        <Plus className="icon" aria-hidden />
        {strings.project.newProject}
      </Link>
      {list.data?.projects.map((project) => {
        const state = stateWords(project)
        return (
          <Link
            key={project.id}
            to="/projects/$projectId"
            params={{ projectId: project.id }}
            search={{}}
            aria-current={project.id === projectId ? "page" : undefined}
            className={cx(
              "flex min-h-8 items-center gap-2.5 rounded-md px-2.5 text-sm",
              project.id === projectId ? "bg-hover font-semibold" : "text-muted hover:bg-hover hover:text-text",
            )}
          >
            <StatusDot tone={state.tone} busy={state.busy} />
            <span className="truncate">{project.title || strings.project.untitled}</span>
            <span className="sr-only">{state.words}</span>
          </Link>
        )
      })}
    </nav>
  )
}
