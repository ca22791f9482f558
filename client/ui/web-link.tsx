import { ExternalLink } from "lucide-react"
import type { ReactNode } from "react"
import { strings } from "../lib/strings.ts"
import { webAddress } from "../lib/web-address.ts"

interface WebLinkProps {
  href: string | null
  className?: string
  /** What is read aloud, when the words alone do not tell where it leads; it begins with them. */
  label?: string
  children: ReactNode
}

/** A link to another site, in a new tab; nothing where the address is not one of the web. */
export function WebLink({ href, className, label, children }: WebLinkProps) {
  const address = webAddress(href)
  if (address === null) return null
  return (
    <a
      href={address}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={label === undefined ? undefined : `${label} ${strings.common.newTab}`}
      className={className}
    >
      {children}
      <ExternalLink className="size-3.5 shrink-0" aria-hidden />
      {label === undefined ? <span className="sr-only">{strings.common.newTab}</span> : null}
    </a>
  )
}
