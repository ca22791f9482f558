import { Layers } from "lucide-react"
import { errorLine } from "../../lib/error-text.ts"
import { relativeTime } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { queries, trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { EmptyState } from "../../ui/empty-state.tsx"
import { notify } from "../../ui/notice.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"

const t = strings.preview
const refreshMs = 5_000

/** As many apps are awake as may be: which, and a way to put one to sleep. The app starts by itself then. */
export function LimitCard({ waking, onWake }: { waking: boolean; onWake: () => void }) {
  const info = trpc.system.info.useQuery()
  const awake = trpc.sandbox.running.useQuery(undefined, { refetchInterval: refreshMs, gcTime: 0 })
  const stop = trpc.sandbox.stop.useMutation({
    onSuccess: onWake,
    onError: (error) => notify(errorLine(error), "bad"),
    onSettled: () => void queries.sandbox.running.invalidate(),
  })
  const limit = info.data?.limits.containers
  const room = limit !== undefined && awake.data !== undefined && awake.data.length < limit
  return (
    <div className="m-auto grid w-full max-w-[496px] grid-cols-[minmax(0,1fr)] pb-6 phone:pb-4">
      <EmptyState icon={<Layers />} title={t.limitTitle(limit)}>
        <span role="status">{t.limitText(limit)}</span>
      </EmptyState>
      {awake.isPending ? <Skeleton className="mx-6 h-16 phone:mx-4" /> : null}
      {awake.isError ? <p className="px-6 text-center text-sm text-bad">{errorLine(awake.error)}</p> : null}
      <ul
        aria-label={t.awake}
        className="mx-6 overflow-hidden rounded-lg border border-line bg-surface empty:hidden phone:mx-4"
      >
        {awake.data?.map(({ projectId, kind, sha, title, usedAt }) => {
          const asked =
            stop.variables?.projectId === projectId &&
            stop.variables.kind === kind &&
            stop.variables.sha === (sha ?? undefined)
          return (
            <li
              key={`${projectId} ${kind} ${sha ?? ""}`}
              className="flex min-h-14 items-center gap-3 border-b border-line py-2 ps-4 pe-3 last:border-0"
            >
              <div className="min-w-0 flex-1">
                <p className="truncate font-semibold" title={title}>
                  {title}
                </p>
                <p className="truncate text-sm text-muted">
                  {t.kind[kind]} · {t.used(relativeTime(usedAt))}
                </p>
              </div>
              <Button
                small
                aria-label={t.putToSleepWhich(title)}
                disabled={stop.isPending || waking}
                busy={asked && stop.isPending}
                onClick={() => stop.mutate({ projectId, kind, sha: sha ?? undefined })}
              >
                {t.putToSleep}
              </Button>
            </li>
          )
        })}
      </ul>
      {room && !stop.isPending ? (
        <p className="flex flex-wrap items-center justify-center gap-3 px-6 pt-4 text-muted">
          {t.limitFree}
          <Button look="primary" busy={waking} onClick={onWake}>
            {t.wake}
          </Button>
        </p>
      ) : null}
    </div>
  )
}
