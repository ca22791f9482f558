import { ListEnd } from "lucide-react"
import { useState } from "react"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { isComposing } from "../../ui/composing.ts"
import { inputClass } from "../../ui/field.tsx"
import { notify } from "../../ui/notice.tsx"
import { queuedRuns } from "./runs.ts"

const t = strings.chat
const action =
  "h-7 shrink-0 rounded-sm px-1.5 transition-colors duration-150 last:-me-1.5 hover:bg-hover hover:text-text disabled:opacity-50 phone:h-11 phone:px-2.5"

/** Messages that wait for the running answer; each can be changed or taken out. */
export function Queue() {
  const runs = useStream((state) => state.runs)
  const messages = useStream((state) => state.messages)
  const waiting = queuedRuns(runs)
  if (waiting.length === 0) return null
  return (
    <ul aria-label={t.queueLabel} className="grid grid-cols-[minmax(0,1fr)] gap-0.5 px-1.5 pb-2">
      {waiting.map((run) => (
        <QueuedMessage
          key={run.runId}
          messageId={run.messageId}
          text={messages.find((message) => message.id === run.messageId)?.content ?? ""}
        />
      ))}
    </ul>
  )
}

function QueuedMessage({ messageId, text }: { messageId: string; text: string }) {
  const { projectId } = useOpenProject()
  const [draft, setDraft] = useState<string | null>(null)
  const failed = { onError: (error: unknown) => notify(errorLine(error), "bad") }
  const edit = trpc.chat.edit.useMutation(failed)
  const unqueue = trpc.chat.unqueue.useMutation(failed)
  const save = () => {
    const content = draft?.trim() ?? ""
    setDraft(null)
    if (content !== "" && content !== text) edit.mutate({ projectId, messageId, content })
  }
  if (draft !== null) {
    return (
      <li className="flex items-center gap-2">
        <input
          ref={(node) => node?.focus()}
          value={draft}
          aria-label={t.editQueued}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (isComposing(event)) return
            if (event.key === "Enter") save()
            if (event.key === "Escape") setDraft(null)
          }}
          className={inputClass}
        />
        <Button small onClick={save}>
          {t.saveQueued}
        </Button>
      </li>
    )
  }
  return (
    <li className="flex items-center gap-2 text-sm text-muted phone:gap-1">
      <ListEnd className="icon wide:hidden" aria-hidden />
      <span className="shrink-0 phone:hidden">{t.queueLabel}</span>
      <span className="min-w-0 flex-1 truncate text-text" title={text}>
        {text}
      </span>
      <button type="button" className={action} onClick={() => setDraft(text)}>
        {t.editQueued}
      </button>
      <button
        type="button"
        className={action}
        disabled={unqueue.isPending}
        onClick={() => unqueue.mutate({ projectId, messageId })}
      >
        {t.removeQueued}
      </button>
    </li>
  )
}
