import { Link } from "@tanstack/react-router"
import { strings } from "../../lib/strings.ts"
import { usePhone } from "../../lib/use-media.ts"
import { quietLink } from "../../ui/quiet-link.ts"
import { goToMessage } from "./go-to-message.ts"

/** The way back from what was made to the message that wished for it; nothing where no message did. */
export function MessageLink({ runId }: { runId: string | null }) {
  const phone = usePhone()
  if (runId === null) return null
  return (
    <Link
      from="/projects/$projectId"
      to="."
      search={(now) => (phone ? { tab: "chat", run: runId } : { ...now, run: runId })}
      className={quietLink}
      onClick={() => goToMessage(runId)}
    >
      {strings.chat.goToMessage}
    </Link>
  )
}
