import { memo } from "react"
import type { RunInfo } from "../../../shared/chat.ts"
import type { Message } from "../../../shared/message.ts"
import { strings } from "../../lib/strings.ts"
import { Answer } from "./answer.tsx"
import { PersonBubble } from "./person-bubble.tsx"
import { RunEnd } from "./run-end.tsx"
import { Working } from "./working.tsx"

interface RowProps {
  message: Message
  run: RunInfo | undefined
  /** Belongs to the newest exchange, whose choices still mean something. */
  newest: boolean
}

/** One message. Far from view it is not laid out. */
export const MessageRow = memo(function MessageRow({ message, run, newest }: RowProps) {
  const person = message.role === "user"
  return (
    <article
      data-message={message.role}
      data-run={message.runId ?? undefined}
      // The way from a version to its message ends here.
      tabIndex={-1}
      aria-label={person ? strings.chat.you : strings.chat.ai}
      className="flex scroll-mt-4 flex-col gap-3 outline-offset-6 focus:rounded-lg focus:outline-2 focus:outline-accent [contain-intrinsic-size:auto_140px] [content-visibility:auto]"
    >
      {person ? (
        <PersonBubble text={message.content} />
      ) : (
        <Answer message={message} open={run?.state === "running"} newest={newest} />
      )}
      {person && run !== undefined && run.state !== "finished" ? (
        <Working words={run.state === "queued" ? strings.chat.nextInLine : strings.chat.working} />
      ) : null}
      {run?.state === "finished" ? <RunEnd run={run} newest={newest} /> : null}
    </article>
  )
})
