import { errorLine } from "../../lib/error-text.ts"
import { relativeTime } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { queries, trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"
import { Section } from "./section.tsx"

const t = strings.settings
const words = strings.preview
const refreshMs = 10_000

/** For who runs the server: whose apps are awake, and a way to put each to sleep. */
export function RunningSection() {
  const account = trpc.account.get.useQuery()
  return account.data?.role === "admin" ? <Running /> : null
}

function Running() {
  const known = trpc.admin.sandboxes.useQuery(undefined, { refetchInterval: refreshMs })
  const stop = trpc.admin.stopSandbox.useMutation({
    onError: (error) => notify(errorLine(error), "bad"),
    onSettled: () => void queries.admin.sandboxes.invalidate(),
  })
  const egress = known.data?.egress
  return (
    <Section id="running" title={t.running} text={t.runningText}>
      {known.isError ? <p className="text-sm text-bad">{errorLine(known.error)}</p> : null}
      {known.isPending ? <Skeleton className="h-12" /> : null}
      {known.data?.running.length === 0 ? <p className="text-muted">{t.runningNone}</p> : null}
      <ul className="grid grid-cols-[minmax(0,1fr)] empty:hidden">
        {known.data?.running.map(({ projectId, title, kind, sha, owner, usedAt }) => (
          <li
            key={`${projectId} ${kind} ${sha ?? ""}`}
            className="flex min-h-12 items-center gap-3 border-t border-line py-2 first:border-0"
          >
            <div className="min-w-0 flex-1">
              <p className="truncate" title={title}>
                {title}
              </p>
              <p className="text-sm text-muted">
                {[owner, words.kind[kind], words.used(relativeTime(usedAt))].join(" · ")}
              </p>
            </div>
            <Button
              small
              aria-label={words.putToSleepWhich(title)}
              busy={stop.isPending && stop.variables.projectId === projectId && stop.variables.kind === kind}
              onClick={() =>
                stop.mutate({ projectId, kind, sha: sha ?? undefined }, { onSuccess: () => notify(t.slept(title)) })
              }
            >
              {words.putToSleep}
            </Button>
          </li>
        ))}
      </ul>
      {egress == null ? null : <p className="text-sm text-muted">{t.egress[egress]}</p>}
    </Section>
  )
}
