import type { RunInfo } from "../../../shared/chat.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"

const t = strings.chat

function wordsOf(run: RunInfo, kept: boolean): string {
  switch (run.outcome) {
    case "stopped":
      if (kept) return t.stoppedKept
      return run.error === null ? (run.recoverable ? t.stopped : t.stoppedNothing) : `${run.error.words}.`
    case "interrupted":
      return t.interrupted
    case "failed":
    case "completed":
    case null:
      return t.failed((run.error?.words ?? "").replace(/\.$/, ""))
  }
}

/** How an answer ended when it did not end by itself, and what to do now. */
export function RunEnd({ run, newest }: { run: RunInfo; newest: boolean }) {
  const { projectId } = useOpenProject()
  const failed = { onError: (error: unknown) => notify(errorLine(error), "bad") }
  const keep = trpc.version.keep.useMutation({ ...failed, onSuccess: () => notify(t.kept) })
  // Kept in whichever window: its changes are a version now.
  const kept = useStream((state) => state.versions.some((version) => version.runId === run.runId))
  const keepable = run.recoverable && !kept
  const retry = trpc.chat.retry.useMutation(failed)
  const detail = run.error?.detail ?? null
  // What was said already is not said again; a stop before the first word leaves nothing to go on from.
  const begun = run.outcome === "interrupted" || (run.outcome === "stopped" && run.answerId !== null)
  const again = begun ? t.continue : t.again
  return (
    <div
      className="grid gap-2.5 rounded-lg border border-line bg-surface px-4 py-3"
      data-outcome={run.outcome ?? undefined}
    >
      <p className={run.outcome === "failed" ? "text-bad" : "text-muted"}>{wordsOf(run, kept)}</p>
      {detail === null ? null : (
        <details className="text-sm text-muted">
          <summary className="w-fit">{t.details}</summary>
          <p className="mt-1 font-mono text-xs whitespace-pre-wrap">{detail}</p>
        </details>
      )}
      {newest ? (
        <div className="flex flex-wrap gap-2">
          {keepable && !keep.isSuccess ? (
            <Button
              small
              look="primary"
              busy={keep.isPending}
              onClick={() => keep.mutate({ projectId, runId: run.runId })}
            >
              {t.keep}
            </Button>
          ) : null}
          <Button
            small
            look={run.recoverable ? "plain" : "primary"}
            busy={retry.isPending}
            onClick={() => retry.mutate({ projectId, runId: run.runId })}
          >
            {again}
          </Button>
        </div>
      ) : null}
    </div>
  )
}
