import type Anthropic from "@anthropic-ai/sdk"
import type { ModelRequest, Turn, TurnBlock } from "../port.ts"
import type { ThinkingMemory } from "./thinking-memory.ts"

type Params = Anthropic.MessageCreateParamsStreaming
type Block = Anthropic.ContentBlockParam

const cache = { type: "ephemeral" } as const

export interface PreparedRequest {
  params: Params
  /** Blocks of thinking from earlier answers are in it. */
  replaysThinking: boolean
}

/** Our request in the words of the Messages API. `memory` null leaves out what the model thought before. */
export function toParams(request: ModelRequest, memory: ThinkingMemory | null): PreparedRequest {
  const messages = request.turns.map((turn) => toMessage(turn, memory)).filter(({ content }) => content.length > 0)
  const tools = toTools(request)
  const params: Params = {
    model: request.model,
    max_tokens: request.maxTokens,
    stream: true,
    // This caches the talk up to its end; the mark below caches what all projects share: tools and first part.
    cache_control: cache,
    system: request.system
      .filter((text) => text.trim() !== "")
      .map((text, index) => ({ type: "text", text, ...(index === 0 && { cache_control: cache }) })),
    messages,
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && request.tools.length === 0 && { tool_choice: { type: "none" as const } }),
  }
  return { params, replaysThinking: messages.some(({ content }) => content.some(isThinking)) }
}

function toTools({ tools, turns }: ModelRequest): Anthropic.Tool[] {
  if (tools.length > 0) {
    return tools.map(({ name, description, input }) => ({
      name,
      description,
      input_schema: { ...input, type: "object" },
      // Without it a whole file comes as one piece after a long silence.
      eager_input_streaming: true,
    }))
  }
  // A talk that holds calls needs its tools named, also when none may be called any more.
  const blocks = turns.flatMap((turn) => turn.blocks)
  const used = new Set(blocks.flatMap((block) => (block.type === "toolCall" ? [block.tool] : [])))
  return [...used].map((name) => ({ name, input_schema: { type: "object" } }))
}

function toMessage({ role, blocks }: Turn, memory: ThinkingMemory | null): { role: Turn["role"]; content: Block[] } {
  const first = blocks.find((block) => block.type === "toolCall")
  const opening = first === undefined ? [] : (memory?.opening(first.callId) ?? [])
  const content = blocks.flatMap((block) => {
    const own = toBlock(block)
    if (own === null) return []
    return block.type === "toolCall" ? [...(memory?.before(block.callId) ?? []), own] : [own]
  })
  return { role, content: [...opening, ...content] }
}

function toBlock(block: TurnBlock): Block | null {
  // The API refuses text of nothing but white space.
  if (block.type === "text") return block.text.trim() === "" ? null : { type: "text", text: block.text }
  if (block.type === "toolResult") {
    return { type: "tool_result", tool_use_id: block.callId, content: block.text, is_error: block.failed }
  }
  return { type: "tool_use", id: block.callId, name: block.tool, input: isObject(block.input) ? block.input : {} }
}

const isThinking = (block: Block): boolean => block.type === "thinking" || block.type === "redacted_thinking"

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
