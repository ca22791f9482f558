import { GitPullRequest } from "lucide-react"
import { strings } from "../../lib/strings.ts"
import type { MergeState } from "./merge-state.ts"
import { MergeRequestLink } from "./merge-request-link.tsx"

/** Why a version is not live: its merge request, and the way there. */
export function MergeNote({ merge }: { merge: MergeState }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 text-sm">
      <p className="flex items-center gap-[7px] text-warn">
        <GitPullRequest className="size-3.5 shrink-0" aria-hidden />
        {merge.type === "waiting" ? strings.forge.waiting : strings.forge.closed}
      </p>
      <MergeRequestLink request={merge.request} />
    </div>
  )
}
