import type { MessagePart } from "../../../shared/message.ts"
import type { Turn } from "../../ports/model/port.ts"
import type { PastMessage } from "./past-store.ts"

const verbs: Record<string, string> = {
  write_file: "wrote",
  edit_file: "changed",
  delete_file: "deleted",
  rename_file: "renamed to",
  run_command: "ran a command",
}

/** Earlier turns of a conversation: each wish, then what was answered to it, however the two were interleaved in time. */
export function pastTurns(past: readonly PastMessage[]): Turn[] {
  const wishes = past.filter(({ message }) => message.role === "user")
  const known = new Set(wishes.map(({ message }) => message.id))
  const answersTo = (wishId: string) =>
    past.filter(({ message, wishId: of }) => message.role === "assistant" && of === wishId)
  // A conversation begins with a person; an answer whose wish is too long ago says nothing by itself.
  return wishes.flatMap(({ message }) => {
    if (!known.has(message.id)) return []
    const wish: Turn = { role: "user", blocks: [{ type: "text", text: message.content }] }
    return [wish, ...answersTo(message.id).map(answerTurn)]
  })
}

/** What was said, and in a few words what was done. The work itself is in the files. */
export function answerTurn({ message, outcome }: Pick<PastMessage, "message" | "outcome">): Turn {
  const notes = [
    ...message.parts.flatMap(noteOf),
    ...(outcome === "completed" || outcome === null ? [] : [endings[outcome]]),
  ]
  const said = message.content.trim() === "" ? [] : [message.content]
  const note = notes.length === 0 ? [] : [`<work>${[...new Set(notes)].slice(0, 60).join("; ")}</work>`]
  const text = [...said, ...note].join("\n\n")
  return { role: "assistant", blocks: [{ type: "text", text: text === "" ? "<work>nothing</work>" : text }] }
}

const endings = {
  stopped: "the person stopped this answer here",
  failed: "this answer ended early because of an error",
  interrupted: "this answer was cut off here",
}

function noteOf(part: MessagePart): string[] {
  switch (part.type) {
    case "question":
      return [`asked: ${part.question}${part.choices.length > 0 ? ` (${part.choices.join(" / ")})` : ""}`]
    case "tool": {
      const verb = verbs[part.tool]
      if (verb === undefined) return []
      const failed = part.state === "ok" ? "" : " (failed)"
      return [`${verb}${part.path === undefined ? "" : ` ${part.path}`}${failed}`]
    }
    default:
      return []
  }
}
