import { FolderOpen, Search } from "lucide-react"
import { useDeferredValue, useState } from "react"
import { errorLine } from "../../lib/error-text.ts"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { EmptyState } from "../../ui/empty-state.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"
import { ProjectCard } from "./project-card.tsx"
import { useAccountWatch } from "./use-account-watch.ts"

const t = strings.start
const searchFrom = 6

/** The person's projects, newest first; a search field when there are many. */
export function ProjectGrid() {
  const [query, setQuery] = useState("")
  const wanted = useDeferredValue(query.trim())
  useAccountWatch()
  const list = trpc.project.list.useInfiniteQuery(
    { limit: 30, query: wanted || undefined },
    {
      getNextPageParam: (page) => page.nextCursor ?? undefined,
      placeholderData: (old) => old,
      initialCursor: undefined,
    },
  )
  const projects = list.data?.pages.flatMap((page) => page.projects) ?? []
  const searchable = query !== "" || projects.length > searchFrom

  return (
    <section aria-labelledby="projects">
      <div className="mb-3.5 flex min-h-9 items-center gap-4">
        <h2 id="projects" className="text-base font-semibold">
          {t.projects}
        </h2>
        <span className="flex-1" />
        {searchable ? (
          <label className="flex h-9 w-[220px] min-w-0 items-center gap-2 rounded-md border border-line bg-surface px-3 text-faint focus-within:border-line-strong phone:h-11 phone:w-[170px]">
            <Search className="icon" aria-hidden />
            <span className="sr-only">{t.searchLabel}</span>
            <input
              type="search"
              value={query}
              placeholder={t.search}
              onChange={(event) => setQuery(event.target.value)}
              className="w-full min-w-0 bg-transparent text-sm text-text outline-none placeholder:text-faint"
            />
          </label>
        ) : null}
      </div>
      {list.isPending ? (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(260px,1fr))] gap-4.5">
          {[0, 1, 2].map((n) => (
            <li key={n}>
              <Skeleton className="h-[270px] rounded-xl" />
            </li>
          ))}
        </ul>
      ) : list.isError ? (
        <EmptyState action={<Button onClick={() => void list.refetch()}>{strings.error.tryAgain}</Button>}>
          {errorLine(list.error)}
        </EmptyState>
      ) : projects.length === 0 ? (
        wanted === "" ? (
          <EmptyState icon={<FolderOpen />}>{t.none}</EmptyState>
        ) : (
          <EmptyState action={<Button onClick={() => setQuery("")}>{t.clearSearch}</Button>}>
            {t.noMatch(wanted)}
          </EmptyState>
        )
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(260px,1fr))] gap-4.5">
          {projects.map((project) => (
            <li key={project.id}>
              <ProjectCard project={project} />
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage ? (
        <div className="mt-6 text-center">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t.more}
          </Button>
        </div>
      ) : null}
    </section>
  )
}
