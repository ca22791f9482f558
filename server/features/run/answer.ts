import type { News } from "../../../shared/events.ts"
import type { Message } from "../../../shared/message.ts"
import { emptyState, type ProjectState, reduce } from "../../../shared/reduce.ts"
import type { Services } from "../../context.ts"
import { cleanText } from "../../lib/clean-text.ts"
import { appendEvents, type Fence } from "../event/append.ts"
import type { DeltaStream } from "../event/delta-writer.ts"
import { inTransaction } from "../event/transaction.ts"

interface Progress {
  lines: number
  path?: string
}

/**
 * The answer while it is written: each piece goes to the event log, and the same pieces make the message here, by
 * the reducer that every client uses. What is stored at the end is therefore what was streamed.
 */
export class Answer {
  readonly #stream: DeltaStream
  #state: ProjectState
  #seq = 0
  /** The next words start a new paragraph. */
  #break = false
  /** First half of a character that arrived in two pieces. */
  #half = ""
  readonly #callIds = new Map<string, number>()

  constructor(
    private readonly services: Pick<Services, "db" | "hub" | "deltas">,
    private readonly projectId: string,
    private readonly fence: Fence,
    empty: Message,
  ) {
    this.#stream = services.deltas.open({ projectId, subjectId: fence.runId, fence })
    this.#state = { ...emptyState, messages: [empty] }
  }

  get message(): Message {
    const [message] = this.#state.messages
    if (message === undefined) throw new Error("an answer is one message")
    return message
  }

  /** Something was done since the last words. */
  get silent(): boolean {
    return this.#break || this.message.content === ""
  }

  /** What comes next is a paragraph of its own. */
  paragraph(): void {
    this.#break = true
  }

  text(piece: string): void {
    const whole = this.#half + piece
    const last = whole.charCodeAt(whole.length - 1)
    this.#half = last >= 0xd800 && last <= 0xdbff ? whole.slice(-1) : ""
    this.#write(cleanText(this.#half === "" ? whole : whole.slice(0, -1)))
  }

  #write(text: string): void {
    if (text === "") return
    const { content } = this.message
    const gap = !this.#break || content === "" || content.endsWith("\n\n") ? "" : content.endsWith("\n") ? "\n" : "\n\n"
    this.#break = false
    this.#add({ type: "message.delta", messageId: this.message.id, text: gap + text })
  }

  /** A line of work begins. Gives the id under which its news go: a provider may use one of its own twice. */
  async started(callId: string, tool: string): Promise<string> {
    const known = shortText(callId)
    const count = this.#callIds.get(known) ?? 0
    this.#callIds.set(known, count + 1)
    const shown = count === 0 ? known : `${known}#${count}`
    await this.#append({ type: "tool.started", messageId: this.message.id, callId: shown, tool: shortText(tool) })
    return shown
  }

  progress(callId: string, { lines, path }: Progress): void {
    this.#add({
      type: "tool.delta",
      messageId: this.message.id,
      callId,
      lines,
      path: path === undefined ? undefined : shortText(path),
    })
  }

  async finished(
    callId: string,
    result: { ok: boolean; path?: string; added?: number; removed?: number },
  ): Promise<void> {
    const { ok, added, removed } = result
    const path = result.path === undefined ? undefined : shortText(result.path)
    await this.#append({ type: "tool.finished", messageId: this.message.id, callId, ok, path, added, removed })
    this.#break = true
  }

  /** Everything written so far is stored; nothing more can be written. */
  async close(): Promise<void> {
    if (this.#half !== "") this.#write(cleanText(this.#half))
    this.#half = ""
    await this.#stream.close()
  }

  #add(news: Extract<News, { type: "message.delta" | "tool.delta" }>): void {
    this.#stream.write(news)
    this.#reduce(news)
  }

  async #append(news: News): Promise<void> {
    await this.#stream.flush()
    await inTransaction(this.services, async (tx) => appendEvents(tx, this.projectId, [news], { fence: this.fence }))
    this.#reduce(news)
  }

  #reduce(news: News): void {
    this.#seq++
    this.#state = reduce(this.#state, { ...news, seq: this.#seq, at: "" })
  }
}

/** What a model chose as a name, fit to be stored and shown. */
const shortText = (text: string): string => cleanText(text.slice(0, 300))

/** A message whose lines of work are all over: what was under way when the run ended did not come to its end. */
export const settled = (message: Message): Message => ({
  ...message,
  parts: message.parts.map((part) =>
    part.type === "tool" && part.state === "running" ? { ...part, state: "failed" } : part,
  ),
})
