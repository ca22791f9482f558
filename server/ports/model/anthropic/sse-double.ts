import type { ModelEvent, ModelRequest } from "../port.ts"
import { type AnthropicOptions, createAnthropicModel } from "./create-anthropic-model.ts"

/** For tests: one end of the wire that does what no provider would do on request. */
export interface SseDouble extends AsyncDisposable {
  url: string
  /** Bodies of the requests that came, oldest first. */
  bodies: Record<string, unknown>[]
  headers: Headers[]
}

type Answer = (count: number, request: Request) => Response | Promise<Response>

/** Answers `POST /v1/messages`; `count` is the number of the request, from 1. */
export function startDouble(answer: Answer): SseDouble {
  const double = { bodies: [] as Record<string, unknown>[], headers: [] as Headers[] }
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      double.headers.push(request.headers)
      if (request.method === "POST") double.bodies.push((await request.json()) as Record<string, unknown>)
      return answer(double.headers.length, request)
    },
  })
  return { ...double, url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) }
}

/** A stream of events that the test feeds by hand; what is undefined never comes. */
export function sse(
  feed: (send: (event: Record<string, unknown>) => void) => void | Promise<void>,
  { open = false } = {},
) {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start: async (controller) => {
      await feed((event) => controller.enqueue(encoder.encode(frame(event))))
      if (!open) controller.close()
    },
  })
  return new Response(body, { headers: { "content-type": "text/event-stream" } })
}

export const frame = (event: Record<string, unknown>): string =>
  `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`

export const messageStart = {
  type: "message_start",
  message: { id: "msg_1", role: "assistant", content: [], usage: { input_tokens: 12, output_tokens: 1 } },
}

/** The events of one whole text block. */
export const textBlock = (index: number, ...pieces: string[]) => [
  { type: "content_block_start", index, content_block: { type: "text", text: "" } },
  ...pieces.map((text) => ({ type: "content_block_delta", index, delta: { type: "text_delta", text } })),
  { type: "content_block_stop", index },
]

/** The events of one whole call. */
export const callBlock = (index: number, id: string, name: string, ...pieces: string[]) => [
  { type: "content_block_start", index, content_block: { type: "tool_use", id, name, input: {} } },
  ...pieces.map((json) => ({
    type: "content_block_delta",
    index,
    delta: { type: "input_json_delta", partial_json: json },
  })),
  { type: "content_block_stop", index },
]

export const messageEnd = (reason: string) => [
  { type: "message_delta", delta: { stop_reason: reason }, usage: { output_tokens: 34 } },
  { type: "message_stop" },
]

/** A whole answer. */
export const whole = (...events: Record<string, unknown>[]): Response =>
  sse((send) => {
    for (const event of [messageStart, ...events]) send(event)
  })

export const failure = (
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
): Response => Response.json({ type: "error", error: { type, message } }, { status, headers })

export const testKey = "sk-ant-test-0123456789-secret"

export const modelAt = (url: string, options: Partial<AnthropicOptions> = {}) =>
  createAnthropicModel({
    claudeApiKey: testKey,
    anthropicBaseUrl: url,
    claudeModel: "claude-sonnet-5-5",
    allowedModels: [],
    firstByteMs: 2_000,
    idleMs: 2_000,
    backoffMs: 10,
    ...options,
  })

export const request = (changes: Partial<ModelRequest> = {}): ModelRequest => ({
  model: "claude-sonnet-5-5",
  system: ["You build apps.", "Project: bakery"],
  tools: [{ name: "write_file", description: "Writes a file", input: { type: "object", properties: {} } }],
  turns: [{ role: "user", blocks: [{ type: "text", text: "Build me a shop" }] }],
  maxTokens: 1_000,
  ...changes,
})

/** Everything that came, and what ended it when it was not a stop. */
export async function collect(events: AsyncIterable<ModelEvent>): Promise<{ events: ModelEvent[]; error: unknown }> {
  const got: ModelEvent[] = []
  try {
    for await (const event of events) got.push(event)
    return { events: got, error: null }
  } catch (error) {
    return { events: got, error }
  }
}

export const textOf = (events: readonly ModelEvent[]): string =>
  events.map((event) => (event.type === "text" ? event.text : "")).join("")
