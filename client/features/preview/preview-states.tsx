import { CircleAlert, Moon } from "lucide-react"
import { type ReactNode, useState } from "react"
import type { SandboxCause } from "../../../shared/sandbox.ts"
import { cx } from "../../lib/cx.ts"
import { duration } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { useNow } from "../../lib/use-now.ts"
import { Button } from "../../ui/button.tsx"
import { EmptyState } from "../../ui/empty-state.tsx"
import { StatusDot } from "../../ui/status-dot.tsx"
import { startingWords } from "./starting-words.ts"

const t = strings.preview
const longMs = 15_000
/** What is over at once needs no clock. */
const shownFromMs = 1_000

/** The app is on its way: what is done now, the last that was heard of it, and for how long. Nothing moves as it goes on. */
export function Starting({ reason, logButton }: { reason: string | null; logButton: ReactNode }) {
  const [since] = useState(() => new Date().toISOString())
  const now = useNow(true)
  const { phase, detail } = startingWords(reason, t.starting)
  const long = now - Date.parse(since) > longMs
  const time = duration(since, null, now)
  return (
    <div className="m-auto grid w-full max-w-[448px] grid-cols-[minmax(0,1fr)] justify-items-center gap-1.5 p-6 text-center">
      <p role="status" className="flex max-w-full items-center gap-3 text-lg font-semibold tracking-tight">
        <StatusDot tone="warn" busy />
        <span className="min-w-0 truncate">{phase}</span>
      </p>
      <p aria-hidden className="h-[1lh] text-sm text-muted tabular-nums">
        {long ? t.startingLong(time) : now - Date.parse(since) < shownFromMs ? null : time}
      </p>
      <p
        className={cx("mb-1.5 h-[1lh] max-w-full truncate text-sm text-muted", detail !== null && "font-mono")}
        title={detail ?? undefined}
      >
        {detail ?? (long ? t.startingWhy : null)}
      </p>
      {logButton}
    </div>
  )
}

/** It sleeps, and why when there is more to say than that nobody used it. */
export function Asleep({ reason, onWake }: { reason: string | null; onWake: () => void }) {
  return (
    <EmptyState
      icon={<Moon />}
      title={reason === null ? t.asleepTitle : t.asleepFor}
      action={
        <Button look="primary" onClick={onWake}>
          {t.wake}
        </Button>
      }
    >
      {reason === null ? t.asleep : `${reason} ${t.asleep}`}
    </EmptyState>
  )
}

interface BrokenProps {
  reason: string | null
  cause: SandboxCause | null
  /** Undefined where there is nothing that the AI could change. */
  onFix: (() => void) | undefined
  fixing: boolean
  onAgain: () => void
  logButton: ReactNode
}

/** The app does not run: the plain reason and what can be done. The AI is not asked to mend what is not the app's. */
export function Broken({ reason, cause, onFix, fixing, onAgain, logButton }: BrokenProps) {
  const away = cause === "engine"
  const fix = away ? undefined : onFix
  return (
    <EmptyState
      icon={<CircleAlert />}
      title={away ? t.engineTitle : t.stopped}
      action={
        <>
          {fix === undefined ? null : (
            <Button look="primary" busy={fixing} onClick={fix}>
              {t.askFix}
            </Button>
          )}
          <Button look={fix === undefined ? "primary" : "plain"} onClick={onAgain}>
            {t.again}
          </Button>
          {away ? null : logButton}
        </>
      }
    >
      <span role="alert" className="line-clamp-6">
        {reason}
      </span>
      {away ? <span className="mt-2 block text-sm">{t.engineText}</span> : null}
    </EmptyState>
  )
}
