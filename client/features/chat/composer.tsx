import { ArrowUp } from "lucide-react"
import { type KeyboardEvent, useEffect, useRef, useState } from "react"
import { readDraft, writeDraft } from "../../lib/drafts.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { isComposing } from "../../ui/composing.ts"
import { notify } from "../../ui/notice.tsx"
import { composerId, focusComposer, onFillComposer } from "./composer-focus.ts"
import { runningRun } from "./runs.ts"

const t = strings.chat
const lineHeight = 24
const linesShown = 8

/** Where the person writes. Enter sends, Shift+Enter makes a line; what is typed during an answer waits in line. */
export function Composer({ onSent }: { onSent: () => void }) {
  const { projectId, outbox } = useOpenProject()
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState(() => readDraft(projectId))
  const running = useStream((state) => runningRun(state.runs)?.runId)
  const empty = useStream((state) => state.messages.length === 0)
  const info = trpc.system.info.useQuery()
  const left = (info.data?.limits.messageChars ?? Infinity) - text.length
  const canSend = text.trim() !== "" && left >= 0

  const write = (next: string) => {
    setText(next)
    writeDraft(projectId, next)
  }
  useEffect(
    () =>
      onFillComposer((words) => {
        setText(words)
        writeDraft(projectId, words)
        focusComposer()
      }),
    [projectId],
  )
  useEffect(() => {
    const node = field.current
    if (node === null) return
    node.style.height = "auto"
    node.style.height = `${Math.min(node.scrollHeight, lineHeight * linesShown)}px`
  }, [text])

  const send = () => {
    if (!canSend) return
    outbox.add(text.trim())
    write("")
    onSent()
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") field.current?.blur()
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return
    event.preventDefault()
    send()
  }

  return (
    <form
      className="rounded-xl border border-line-strong bg-surface pt-3 pr-2.5 pb-2.5 pl-4 shadow-card focus-within:border-accent"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <textarea
        ref={field}
        id={composerId}
        rows={1}
        value={text}
        dir="auto"
        aria-label={t.label}
        placeholder={empty ? t.placeholderFirst : t.placeholder}
        onChange={(event) => write(event.target.value)}
        onKeyDown={press}
        className="thin-scroll block w-full resize-none bg-transparent leading-6 outline-none placeholder:text-faint"
      />
      <div className="mt-1.5 flex min-h-9 items-center justify-end gap-2">
        {left < 1000 ? (
          <span className={left < 0 ? "me-auto text-sm text-bad" : "me-auto text-sm text-muted"}>
            {t.charsLeft(left)}
          </span>
        ) : null}
        {running === undefined ? null : <StopButton runId={running} />}
        {running !== undefined && text.trim() === "" ? null : (
          <button
            type="submit"
            aria-label={t.send}
            disabled={!canSend}
            className="grid size-9 place-items-center rounded-lg bg-accent text-on-accent transition-colors duration-150 hover:bg-accent-strong disabled:bg-line disabled:text-faint phone:size-11"
          >
            <ArrowUp className="size-[18px]" aria-hidden />
          </button>
        )}
      </div>
    </form>
  )
}

function StopButton({ runId }: { runId: string }) {
  const { projectId } = useOpenProject()
  const stop = trpc.chat.stop.useMutation({ onError: (error) => notify(errorLine(error), "bad") })
  return (
    <Button
      busy={stop.isPending}
      icon={<span aria-hidden className="size-2.5 rounded-[2px] bg-text" />}
      onClick={() => stop.mutate({ projectId, runId })}
    >
      {t.stop}
    </Button>
  )
}
