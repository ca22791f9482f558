import { StatusDot } from "../../ui/status-dot.tsx"

/** Something goes on and has nothing to show yet. */
export function Working({ words }: { words: string }) {
  return (
    <p className="flex items-center gap-2.5 text-sm text-muted">
      <StatusDot tone="warn" busy />
      {words}
    </p>
  )
}
