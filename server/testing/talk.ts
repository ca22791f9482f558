import type { ChatHistory } from "../../shared/chat.ts"
import type { GoChatClient } from "../../shared/client.ts"
import type { ProjectEvent } from "../../shared/events.ts"
import type { Message } from "../../shared/message.ts"

/** A wish and everything that came of it. */
export interface Talked {
  runId: string
  /** From before the wish to the end of its run. */
  events: ProjectEvent[]
  end: Extract<ProjectEvent, { type: "run.finished" }>
  /** The answer, as history has it after the end. */
  answer: Message
  history: ChatHistory
}

/** Sends a wish as a program would and waits until its run is over, however it ends. */
export async function talk(client: GoChatClient, projectId: string, content: string): Promise<Talked> {
  const { seq } = await client.chat.history.query({ projectId, limit: 1 })
  const { runId } = await client.chat.send.mutate({ projectId, content })
  return follow(client, projectId, seq, runId)
}

/** Waits until a run is over. */
export async function follow(client: GoChatClient, projectId: string, from: number, runId: string): Promise<Talked> {
  const events: ProjectEvent[] = []
  for await (const event of client.watch(projectId, { lastEventId: String(from) })) {
    events.push(event)
    if (event.type !== "run.finished" || event.runId !== runId) continue
    const history = await client.chat.history.query({ projectId })
    const answer = history.messages.find((message) => message.role === "assistant" && message.runId === runId)
    if (answer === undefined) throw new Error("the run has no answer")
    return { runId, events, end: event, answer, history }
  }
  throw new Error("the watch ended before the run")
}
