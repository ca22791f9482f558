import { ExternalLink } from "lucide-react"
import type { ReactNode } from "react"
import { strings } from "../lib/strings.ts"
import { webAddress } from "../lib/web-address.ts"

interface WebLinkProps {
  href: string | null
  className?: string
  children: ReactNode
}

/** A link to another site, in a new tab; nothing where the address is not one of the web. */
export function WebLink({ href, className, children }: WebLinkProps) {
  const address = webAddress(href)
  if (address === null) return null
  return (
    <a href={address} target="_blank" rel="noopener noreferrer" className={className}>
      {children}
      <ExternalLink className="size-3.5 shrink-0" aria-hidden />
      <span className="sr-only"> {strings.common.newTab}</span>
    </a>
  )
}
