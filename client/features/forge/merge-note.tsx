import { GitPullRequest } from "lucide-react"
import { strings } from "../../lib/strings.ts"
import { quietLink } from "../../ui/quiet-link.ts"
import { WebLink } from "../../ui/web-link.tsx"
import type { MergeState } from "./merge-state.ts"

/** Why a version is not live: its merge request, and the way there. */
export function MergeNote({ merge }: { merge: MergeState }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 text-sm">
      <p className="flex items-center gap-[7px] text-warn">
        <GitPullRequest className="size-3.5 shrink-0" aria-hidden />
        {merge.type === "waiting" ? strings.forge.waiting : strings.forge.closed}
      </p>
      <WebLink href={merge.request.webUrl} className={quietLink}>
        {strings.forge.request(merge.request.number)}
      </WebLink>
    </div>
  )
}
