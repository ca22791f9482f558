import type Anthropic from "@anthropic-ai/sdk"
import type { RunUsage } from "../../../../shared/run.ts"
import { cleanText } from "../../../lib/clean-text.ts"
import type { ModelEvent, StopReason } from "../port.ts"
import type { Thinking, ThinkingMemory } from "./thinking-memory.ts"

type Open =
  | { type: "tool"; callId: string; tool: string; json: string }
  | { type: "thinking"; block: Thinking }
  | { type: "text" }

const stopReasons: Record<Anthropic.StopReason, StopReason> = {
  end_turn: "end",
  stop_sequence: "end",
  tool_use: "tools",
  max_tokens: "length",
  pause_turn: "pause",
  refusal: "refusal",
  model_context_window_exceeded: "context",
}

/** Turns the events of one answer into ours. Holds what an answer needs from its start to its end. */
export class AnswerReader {
  readonly #open = new Map<number, Open>()
  readonly #usage: RunUsage = { input: 0, output: 0, cached: 0 }
  #stop: StopReason | null = null
  /** Half a character: the other half comes with the next piece. */
  #half = ""
  #opening: Thinking[] = []
  #thoughts: Thinking[] = []
  #begun = false

  constructor(private readonly memory: ThinkingMemory) {}

  /** True when nothing is missing, even if the very last event did not come any more. */
  get whole(): boolean {
    return this.#stop !== null && this.#open.size === 0
  }

  /** What to tell at the end of a whole answer. */
  end(): ModelEvent[] {
    return [
      ...this.#text("", { last: true }),
      { type: "usage", usage: { ...this.#usage } },
      { type: "stop", reason: this.#stop ?? "end" },
    ]
  }

  read(event: Anthropic.RawMessageStreamEvent): ModelEvent[] {
    switch (event.type) {
      case "message_start":
        this.#count(event.message.usage)
        return []
      case "content_block_start":
        return this.#begin(event.index, event.content_block)
      case "content_block_delta":
        return this.#grow(event.index, event.delta)
      case "content_block_stop":
        return this.#finish(event.index)
      case "message_delta":
        this.#count(event.usage)
        if (event.delta.stop_reason !== null) this.#stop = stopReasons[event.delta.stop_reason] ?? "end"
        return []
      case "message_stop":
      default:
        // A newer API may send more kinds of events.
        return []
    }
  }

  #begin(index: number, block: Anthropic.ContentBlock): ModelEvent[] {
    if (block.type === "text") {
      this.#open.set(index, { type: "text" })
      this.#openingEnds()
      return this.#text(block.text)
    }
    if (block.type === "tool_use") {
      this.#open.set(index, { type: "tool", callId: block.id, tool: block.name, json: "" })
      this.#openingEnds()
      return [...this.#text("", { last: true }), { type: "toolStart", callId: block.id, tool: block.name }]
    }
    if (block.type === "thinking" || block.type === "redacted_thinking") {
      this.#open.set(index, { type: "thinking", block: { ...block } })
    }
    return []
  }

  #grow(index: number, delta: Anthropic.RawContentBlockDelta): ModelEvent[] {
    const open = this.#open.get(index)
    if (delta.type === "text_delta") return this.#text(delta.text)
    if (delta.type === "input_json_delta" && open?.type === "tool" && delta.partial_json !== "") {
      open.json += delta.partial_json
      return [{ type: "toolInput", callId: open.callId, json: delta.partial_json }]
    }
    if (open?.type === "thinking" && open.block.type === "thinking") {
      if (delta.type === "thinking_delta") open.block.thinking += delta.thinking
      if (delta.type === "signature_delta") open.block.signature += delta.signature
    }
    return []
  }

  #finish(index: number): ModelEvent[] {
    const open = this.#open.get(index)
    this.#open.delete(index)
    if (open?.type === "thinking") this.#thoughts.push(open.block)
    if (open?.type !== "tool") return []
    this.memory.keep(open.callId, { opening: this.#opening, before: this.#thoughts })
    this.#opening = []
    this.#thoughts = []
    return [{ type: "toolCall", callId: open.callId, tool: open.tool, input: parse(open.json) }]
  }

  /** Thinking before the first word or call belongs to the start of the answer. */
  #openingEnds(): void {
    if (this.#begun) return
    this.#begun = true
    this.#opening = this.#thoughts
    this.#thoughts = []
  }

  #text(piece: string, { last = false } = {}): ModelEvent[] {
    const whole = this.#half + piece
    this.#half = !last && /[\uD800-\uDBFF]$/.test(whole) ? whole.slice(-1) : ""
    const text = cleanText(this.#half === "" ? whole : whole.slice(0, -1))
    return text === "" ? [] : [{ type: "text", text }]
  }

  #count(usage: Anthropic.Usage | Anthropic.MessageDeltaUsage): void {
    const cached = usage.cache_read_input_tokens ?? 0
    const input = (usage.input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0) + cached
    // The counts at the end are totals, but some gateways send only the output there.
    this.#usage.input = Math.max(this.#usage.input, input)
    this.#usage.cached = Math.max(this.#usage.cached, cached)
    this.#usage.output = Math.max(this.#usage.output, usage.output_tokens ?? 0)
  }
}

/** Input that is not JSON is handed on as it is: the tool's own check refuses it with words for the model. */
function parse(json: string): unknown {
  if (json.trim() === "") return {}
  try {
    return JSON.parse(json) as unknown
  } catch {
    return json
  }
}
