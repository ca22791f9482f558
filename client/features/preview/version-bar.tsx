import { Link } from "@tanstack/react-router"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { buttonClass } from "../../ui/button.tsx"

/** Says that this is not the newest version, with the way back. */
export function VersionBar({ sha }: { sha: string }) {
  const number = useStream((state) => state.versions.find((version) => version.sha.startsWith(sha))?.number ?? null)
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-3 border-b border-line bg-warn-soft px-4 py-1.5 text-sm text-warn">
      <p className="flex-1">{strings.preview.oldVersion(number)}</p>
      <Link from="/projects/$projectId" to="." search={{ tab: "preview" }} className={buttonClass("plain", true)}>
        {strings.preview.backToDraft}
      </Link>
    </div>
  )
}
