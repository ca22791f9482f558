import { useEffect, useRef, useState } from "react"
import type { Sandbox } from "../../../shared/sandbox.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { trpc } from "../../lib/trpc.ts"

interface PreviewSandbox {
  sandbox: Sandbox | undefined
  url: string | null
  wake: () => void
  waking: boolean
  /** Why it could not be started, when the server refused. */
  problem: string | null
}

/** What runs behind the preview. It wakes when the preview is opened, not again by itself when it falls asleep later. */
export function useSandbox(sha: string | undefined, visible: boolean): PreviewSandbox {
  const { projectId } = useOpenProject()
  const kind = sha === undefined ? "draft" : "version"
  const sandbox = useStream((state) =>
    state.sandboxes.find((known) => known.kind === kind && (sha === undefined || (known.sha?.startsWith(sha) ?? false))),
  )
  const draftUrl = useStream((state) => state.project?.draftUrl ?? null)
  const newest = useStream((state) => state.versions[0]?.sha)
  const start = trpc.sandbox.start.useMutation()
  const { mutate } = start
  const [problem, setProblem] = useState<string | null>(null)
  const key = sha ?? "draft"
  const woken = useRef<string | null>(null)

  const wake = () => {
    setProblem(null)
    mutate({ projectId, kind, sha }, { onError: (error) => setProblem(errorLine(error)) })
  }
  const wakeRef = useRef(wake)
  wakeRef.current = wake

  const resting = sandbox === undefined || sandbox.state === "asleep" || sandbox.state === "absent"
  const exists = sha !== undefined || newest !== undefined
  useEffect(() => {
    if (!visible || !exists || woken.current === key) return
    woken.current = key
    if (resting) wakeRef.current()
  }, [visible, exists, resting, key])
  useEffect(() => setProblem(null), [key, newest])

  const known = sandbox ?? (start.data?.kind === kind ? start.data : undefined)
  return { sandbox: known, url: known?.url ?? (kind === "draft" ? draftUrl : null), wake, waking: start.isPending, problem }
}
