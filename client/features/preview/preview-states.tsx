import { CircleAlert, Moon } from "lucide-react"
import { useEffect, useState } from "react"
import { strings } from "../../lib/strings.ts"
import { Button } from "../../ui/button.tsx"
import { EmptyState } from "../../ui/empty-state.tsx"
import { StatusDot } from "../../ui/status-dot.tsx"

const t = strings.preview
const longMs = 15_000

/** The app is on its way; after a while it says why that can take long. */
export function Starting({ reason }: { reason: string | null }) {
  const [long, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), longMs)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div role="status" className="m-auto grid max-w-96 justify-items-center gap-3 p-6 text-center">
      <p className="flex items-center gap-3 text-lg font-semibold tracking-tight">
        <StatusDot tone="warn" busy />
        {t.starting}
      </p>
      {reason === null && !long ? null : <p className="text-muted">{reason ?? t.startingLong}</p>}
    </div>
  )
}

export function Asleep({ onWake }: { onWake: () => void }) {
  return (
    <EmptyState
      icon={<Moon />}
      action={
        <Button look="primary" onClick={onWake}>
          {t.wake}
        </Button>
      }
    >
      {t.asleep}
    </EmptyState>
  )
}

/** The app does not run: the plain reason, Fix it, Try again. */
export function Broken({ reason, onFix, onAgain }: { reason: string | null; onFix?: () => void; onAgain: () => void }) {
  return (
    <EmptyState
      icon={<CircleAlert />}
      action={
        <>
          {onFix === undefined ? null : (
            <Button look="primary" onClick={onFix}>
              {t.fix}
            </Button>
          )}
          <Button onClick={onAgain}>{t.again}</Button>
        </>
      }
    >
      <span role="alert" className="line-clamp-6">
        {reason === null || reason === "" ? t.stoppedPlain : t.stopped(reason)}
      </span>
    </EmptyState>
  )
}
