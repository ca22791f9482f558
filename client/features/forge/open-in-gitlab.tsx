import { strings } from "../../lib/strings.ts"
import { quietLink } from "../../ui/quiet-link.ts"
import { WebLink } from "../../ui/web-link.tsx"

/** For engineers: the same thing on its page in GitLab. `what` tells several of these links apart when they are heard. */
export function OpenInGitLab({ href, what }: { href: string | null; what: string }) {
  return (
    <WebLink href={href} className={quietLink} label={strings.forge.openWhat(what)}>
      {strings.forge.open}
    </WebLink>
  )
}
