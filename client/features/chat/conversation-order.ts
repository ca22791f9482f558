import type { RunInfo } from "../../../shared/chat.ts"
import type { Message } from "../../../shared/message.ts"

/**
 * Each answer below the wish it answers. The log keeps the order in which things were said, and a wish that had to wait
 * may have been followed by another one before its answer began.
 */
export function conversationOrder(messages: readonly Message[], runs: readonly RunInfo[]): readonly Message[] {
  const wishOfRun = new Map<string, string>()
  for (const message of messages) {
    if (message.role === "user" && message.runId !== null) wishOfRun.set(message.runId, message.id)
  }
  // A wish that was tried again names its last run only.
  for (const run of runs) wishOfRun.set(run.runId, run.messageId)

  const answers = new Map<string, Message[]>()
  const rest: Message[] = []
  const said = new Set<string>()
  for (const message of messages) {
    const wish = message.role === "assistant" ? wishOfRun.get(message.runId ?? "") : undefined
    if (wish === undefined || !said.has(wish)) {
      rest.push(message)
      said.add(message.id)
    } else {
      answers.set(wish, [...(answers.get(wish) ?? []), message])
    }
  }
  return rest.flatMap((message) => [message, ...(answers.get(message.id) ?? [])])
}
