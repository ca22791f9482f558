import type { ProjectForge } from "../../../shared/project.ts"
import { strings } from "../../lib/strings.ts"
import { quietLink } from "../../ui/quiet-link.ts"
import { WebLink } from "../../ui/web-link.tsx"

export type MergeRequest = NonNullable<ProjectForge["mergeRequest"]>

/** The merge request and how it stands, for who wants to see it in GitLab. */
export function MergeRequestLink({ request }: { request: MergeRequest }) {
  return (
    <WebLink href={request.webUrl} className={quietLink}>
      {strings.forge.mergeRequest(request.number, request.state)}
    </WebLink>
  )
}
