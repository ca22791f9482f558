import type { ReactNode } from "react"
import type { Job } from "../../../shared/build.ts"
import { OpenInGitLab } from "../forge/open-in-gitlab.tsx"

/** The line above what a check says: which one it is, its page in GitLab, and what can be done about it. */
export function JobHead({
  job,
  what,
  action,
  children,
}: {
  job: Job
  /** What the page in GitLab shows. */
  what: string
  action?: ReactNode
  children: ReactNode
}) {
  return (
    <div className="flex min-h-11 items-center gap-3 border-b border-line px-3.5 phone:min-h-14">
      <h3 title={job.name} className="min-w-0 flex-1 truncate text-sm font-semibold">
        {children}
      </h3>
      <OpenInGitLab href={job.webUrl} what={what} />
      {action}
    </div>
  )
}
