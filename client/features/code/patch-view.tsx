import { useMemo } from "react"
import type { FileChange } from "../../../shared/version.ts"
import { cx } from "../../lib/cx.ts"
import { strings } from "../../lib/strings.ts"
import { parsePatch, type PatchLine } from "./parse-patch.ts"

const cutAt = 200_000
const look: Record<PatchLine["kind"], string> = {
  same: "",
  added: "bg-good-soft",
  removed: "bg-bad-soft",
  hunk: "bg-sunken text-muted",
}
const sign: Record<PatchLine["kind"], string> = { same: " ", added: "+", removed: "−", hunk: "⋯" }
const number = "w-[1%] min-w-9 px-2 text-end align-top text-faint select-none tabular-nums"

/** What changed in one file, line by line. */
export function PatchView({ change }: { change: FileChange }) {
  const lines = useMemo(() => parsePatch(change.patch), [change.patch])
  if (change.binary) return <p className="px-3.5 py-3 text-sm text-muted">{strings.code.binary}</p>
  if (lines.length === 0) {
    return (
      <p className="px-3.5 py-3 text-sm text-muted">
        {change.oldPath === null ? strings.code.sameWords : strings.code.renamed(change.oldPath, change.path)}
      </p>
    )
  }
  return (
    <>
      <table className="w-full border-collapse font-mono text-[12.5px] leading-[1.6]">
        <tbody>
          {lines.map((line, index) => (
            <tr key={index} className={look[line.kind]}>
              <td className={number}>{line.after ?? line.before ?? ""}</td>
              <td
                className={cx(
                  "w-4 text-center align-top select-none",
                  line.kind === "added" && "text-good",
                  line.kind === "removed" && "text-bad",
                )}
              >
                {sign[line.kind]}
              </td>
              <td className="px-2 whitespace-pre-wrap [overflow-wrap:anywhere]">{line.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {change.patch.length >= cutAt ? <p className="px-3.5 py-2 text-sm text-muted">{strings.code.cut}</p> : null}
    </>
  )
}
