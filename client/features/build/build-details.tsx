import type { Build } from "../../../shared/build.ts"
import { strings } from "../../lib/strings.ts"

const t = strings.build

/** For engineers: which commit was checked, where it was delivered to, and what image came of it. */
export function BuildDetails({ build }: { build: Build }) {
  const facts: [string, string][] = [[t.commit, build.sha]]
  if (build.branch !== null) facts.push([t.branch, build.branch])
  if (build.image !== null) facts.push([t.image, build.image])
  return (
    <details className="text-sm text-muted">
      <summary className="flex min-h-7 w-fit items-center phone:min-h-11">{t.details}</summary>
      <dl className="mt-1 grid gap-1">
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
