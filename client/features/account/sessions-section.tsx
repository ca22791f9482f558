import { errorLine } from "../../lib/error-text.ts"
import { relativeTime } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { queries, trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"
import { deviceWords } from "./device-words.ts"
import { Section } from "./section.tsx"

const t = strings.settings

/** Where the person is signed in; any other session can be ended. */
export function SessionsSection() {
  const sessions = trpc.account.sessions.useQuery()
  const revoke = trpc.account.revokeSession.useMutation({
    onSuccess: () => {
      notify(t.sessionEnded)
      void queries.account.sessions.invalidate()
    },
    onError: (error) => notify(errorLine(error), "bad"),
  })
  return (
    <Section title={t.sessions} text={t.sessionsText}>
      {sessions.isError ? <p className="text-sm text-bad">{errorLine(sessions.error)}</p> : null}
      {sessions.isPending ? <Skeleton className="h-12" /> : null}
      <ul className="grid">
        {sessions.data?.map((session) => (
          <li key={session.id} className="flex min-h-12 items-center gap-3 border-t border-line py-2 first:border-0">
            <div className="min-w-0 flex-1">
              <p className="truncate">{deviceWords(session.userAgent)}</p>
              <p className="text-sm text-muted">
                {[session.ipAddress, t.since(relativeTime(session.createdAt))].filter(Boolean).join(" · ")}
              </p>
            </div>
            {session.current ? (
              <span className="text-sm font-semibold text-good">{t.thisSession}</span>
            ) : (
              <Button
                small
                busy={revoke.isPending && revoke.variables.sessionId === session.id}
                onClick={() => revoke.mutate({ sessionId: session.id })}
              >
                {t.endSession}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}
