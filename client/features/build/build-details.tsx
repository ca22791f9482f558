import { ChevronRight } from "lucide-react"
import type { Build } from "../../../shared/build.ts"
import { strings } from "../../lib/strings.ts"
import { quietLink } from "../../ui/quiet-link.ts"
import { cx } from "../../lib/cx.ts"

const t = strings.build

/** For engineers: which commit was checked, where it was delivered to, and what image came of it. */
export function BuildDetails({ build }: { build: Build }) {
  const facts: [string, string][] = [[t.commit, build.sha]]
  if (build.branch !== null) facts.push([t.branch, build.branch])
  if (build.image !== null) facts.push([t.image, build.image])
  return (
    <details className="group/details text-sm text-muted">
      <summary className={cx(quietLink, "-ms-0.5 select-none [&::-webkit-details-marker]:hidden")}>
        <ChevronRight
          className="size-3.5 shrink-0 transition-transform duration-150 group-open/details:rotate-90"
          aria-hidden
        />
        {t.details}
      </summary>
      <dl className="mt-1 grid gap-1 phone:gap-2.5">
        {facts.map(([name, value]) => (
          <div key={name} className="flex flex-wrap gap-x-3">
            <dt className="w-16">{name}</dt>
            <dd className="min-w-0 flex-1 basis-48 font-mono text-xs leading-5 break-all text-text">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
