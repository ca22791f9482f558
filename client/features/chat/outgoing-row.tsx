import type { Outgoing } from "../../lib/outbox.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { Button } from "../../ui/button.tsx"
import { fillComposer } from "./composer-focus.ts"
import { PersonBubble } from "./person-bubble.tsx"

/** A message that is on its way, waits for the connection, or was refused. */
export function OutgoingRow({ item }: { item: Outgoing }) {
  const { outbox } = useOpenProject()
  return (
    <article className="flex flex-col gap-1.5" aria-label={strings.chat.you}>
      <PersonBubble text={item.content} faded />
      {item.state === "refused" ? (
        <div className="flex flex-wrap items-center justify-end gap-2 text-sm text-bad" role="alert">
          {strings.chat.notSent(item.reason ?? "")}
          <Button
            small
            onClick={() => {
              outbox.take(item.messageId)
              fillComposer(item.content)
            }}
          >
            {strings.chat.takeBack}
          </Button>
        </div>
      ) : (
        <p className="self-end text-sm text-muted">
          {item.state === "waiting" ? strings.chat.offline : strings.chat.sending}
        </p>
      )}
    </article>
  )
}
