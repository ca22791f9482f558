import { useEffect, useEffectEvent, useRef, useState } from "react"
import type { Sandbox } from "../../../shared/sandbox.ts"
import { errorLine, isContainerLimit } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { trpc } from "../../lib/trpc.ts"

export interface PreviewSandbox {
  sandbox: Sandbox | undefined
  url: string | null
  wake: () => void
  waking: boolean
  /** Why it could not be started, when the server refused. */
  problem: string | null
  /** As many apps as may be are awake already. */
  limited: boolean
}

/** What runs behind the preview. It wakes when the preview is opened, not again by itself when it falls asleep later. */
export function useSandbox(sha: string | undefined, visible: boolean): PreviewSandbox {
  const { projectId } = useOpenProject()
  const kind = sha === undefined ? "draft" : "version"
  const sandbox = useStream((state) =>
    state.sandboxes.find(
      (known) => known.kind === kind && (sha === undefined || (known.sha?.startsWith(sha) ?? false)),
    ),
  )
  const draftUrl = useStream((state) => state.project?.draftUrl ?? null)
  const newest = useStream((state) => state.versions[0]?.sha)
  const start = trpc.sandbox.start.useMutation()
  const { mutate } = start
  const key = `${kind} ${sha ?? ""} ${newest ?? ""}`
  const [refused, setRefused] = useState<{ key: string; error: unknown } | null>(null)
  const error = refused?.key === key ? refused.error : null

  const wake = () => {
    setRefused(null)
    mutate({ projectId, kind, sha }, { onError: (reason) => setRefused({ key, error: reason }) })
  }
  const opened = useEffectEvent(() => {
    const resting = sandbox === undefined || sandbox.state === "asleep" || sandbox.state === "absent"
    // What runs apps may be back since.
    if (resting || sandbox.cause === "engine") wake()
  })
  const exists = sha !== undefined || newest !== undefined
  const place = sha ?? "draft"
  const woken = useRef<string | null>(null)
  useEffect(() => {
    if (!visible || !exists || woken.current === place) return
    woken.current = place
    opened()
  }, [visible, exists, place])

  const known = sandbox ?? (start.data?.kind === kind ? start.data : undefined)
  return {
    sandbox: known,
    url: known?.url ?? (kind === "draft" ? draftUrl : null),
    wake,
    waking: start.isPending,
    problem: error === null || isContainerLimit(error) ? null : errorLine(error),
    limited: known?.cause === "limit" || isContainerLimit(error),
  }
}
