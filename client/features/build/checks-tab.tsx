import { Link, useSearch } from "@tanstack/react-router"
import { CircleCheck } from "lucide-react"
import type { Build } from "../../../shared/build.ts"
import type { Version } from "../../../shared/version.ts"
import { cx } from "../../lib/cx.ts"
import { useStream } from "../../lib/project-stream.tsx"
import { relativeTime } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { EmptyState } from "../../ui/empty-state.tsx"
import { StatusDot } from "../../ui/status-dot.tsx"
import { BuildView } from "./build-view.tsx"
import { buildLook } from "./build-words.ts"

/** The checks of a version: their steps, the log, and what to do when one is red. */
export function ChecksTab() {
  const { build: wanted } = useSearch({ from: "/projects/$projectId" })
  const builds = useStream((state) => state.builds)
  const build = builds.find((known) => known.id === wanted) ?? builds[0]
  if (build === undefined) return <EmptyState icon={<CircleCheck />}>{strings.build.none}</EmptyState>
  return (
    <div className="thin-scroll min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto grid max-w-[960px] grid-cols-[minmax(0,1fr)] gap-6 p-5 phone:p-4">
        <BuildView key={build.id} build={build} />
        {builds.length > 1 ? <OtherBuilds builds={builds} shown={build.id} /> : null}
      </div>
    </div>
  )
}

const nameOf = (version: Version | undefined): string =>
  version === undefined ? strings.build.title : strings.version.number(version.number)

function OtherBuilds({ builds, shown }: { builds: readonly Build[]; shown: string }) {
  const versions = useStream((state) => state.versions)
  return (
    <section className="grid gap-2">
      <h3 className="text-sm font-semibold text-muted">{strings.build.older}</h3>
      <ul className="overflow-hidden rounded-lg border border-line bg-surface">
        {builds
          .map((build) => ({ build, look: buildLook(build) }))
          .map(({ build, look }) => (
            <li key={build.id} className="border-b border-line last:border-0">
              <Link
                from="/projects/$projectId"
                to="."
                search={{ tab: "checks", build: build.id }}
                aria-current={build.id === shown ? "true" : undefined}
                className={cx(
                  "flex min-h-10 items-center gap-2.5 px-3.5 text-sm hover:bg-hover phone:min-h-11",
                  build.id === shown && "bg-hover font-semibold",
                )}
              >
                <StatusDot tone={look.tone} busy={look.busy} />
                <span className="min-w-0 flex-1 truncate">
                  {nameOf(versions.find((version) => version.sha === build.sha))} · {look.words}
                </span>
                <span className="shrink-0 font-normal text-muted">{relativeTime(build.createdAt)}</span>
              </Link>
            </li>
          ))}
      </ul>
    </section>
  )
}
