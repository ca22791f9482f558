import { LLMock } from "@copilotkit/aimock"

/** One answer of the model: text, then calls. */
export interface WireStep {
  text?: string
  calls?: { tool: string; input: unknown; id?: string }[]
}

/** The Anthropic API on a socket of its own, answering from a script. */
export interface WireModel {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string
  /** Answers a wish that holds `wish`: step n follows the n-th round of tool results. */
  script(wish: string, steps: WireStep[], options?: Pace): void
  /** The requests for a message, as they came over the wire, oldest first. */
  requests(): WireRequest[]
  stop(): Promise<void>
}

interface Pace {
  tokensPerSecond?: number
  /** Until the first token. */
  firstMs?: number
  /** Characters of one piece of the stream. */
  pieceChars?: number
}

export interface WireRequest {
  headers: Headers
  /** When it came and when the first word or call of its answer left; of `performance.now()`. */
  cameAt: number
  answeredAt: number | null
  body: {
    messages: { role: "user" | "assistant"; content: string | WireBlock[] }[]
    system?: unknown
    tools?: { name: string }[]
    stream?: boolean
    max_tokens: number
  }
}

interface WireBlock {
  type: string
  text?: string
  tool_use_id?: string
  content?: unknown
  is_error?: boolean
}

/** What the tools answered to the calls of the step before a request. */
export function toolResults({ body }: WireRequest): { text: string; failed: boolean }[] {
  const content = body.messages.at(-1)?.content ?? []
  if (typeof content === "string") return []
  return content
    .filter(({ type }) => type === "tool_result")
    .map((block) => ({ text: String(block.content), failed: block.is_error === true }))
}

type Fixture = Parameters<LLMock["addFixture"]>[0]
type ChatRequest = Parameters<NonNullable<Fixture["match"]["predicate"]>>[0]

/** Characters a token, as a rule of thumb. */
const tokenChars = 4

export async function startWireModel(options: { title?: string } = {}): Promise<WireModel> {
  const mock = new LLMock({ port: 0, host: "127.0.0.1" })
  // A request without tools is the one for a title.
  mock.on({ predicate: (request) => (request.tools ?? []).length === 0 }, { content: options.title ?? "Wire project" })
  await mock.start()
  const recorder = record(mock.url)
  return {
    url: recorder.url,
    script: (wish, steps, { tokensPerSecond, firstMs = 20, pieceChars = tokenChars } = {}) => {
      for (const [index, step] of steps.entries()) {
        mock.addFixture({
          match: { predicate: (request) => asks(request, wish) && rounds(request) === index },
          response: response(step, `${wish.length}-${index}`),
          chunkSize: pieceChars,
          ...(tokensPerSecond === undefined ? {} : { streamingProfile: { ttft: firstMs, tps: tokensPerSecond } }),
        })
      }
    },
    requests: () => recorder.requests,
    stop: async () => {
      await recorder.stop()
      await mock.stop()
    },
  }
}

/** Stands before the double, which keeps only its own translation of what came, and notes the wire itself. */
function record(target: string) {
  const requests: WireRequest[] = []
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    maxRequestBodySize: 64 * 1024 * 1024,
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url)
      // Bun lets go of a request's own ones with its answer.
      const headers = new Headers(request.headers)
      const text = request.method === "POST" ? await request.text() : null
      const init = { method: request.method, headers, body: text, signal: request.signal }
      if (text === null) return fetch(target + pathname + search, init)
      const body = JSON.parse(text) as WireRequest["body"]
      const noted: WireRequest = { headers, cameAt: performance.now(), answeredAt: null, body }
      requests.push(noted)
      const answer = await fetch(target + pathname + search, init)
      return new Response(answer.body?.pipeThrough(noteFirstPiece(noted)), answer)
    },
  })
  return { requests, url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) }
}

function noteFirstPiece(noted: WireRequest) {
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      if (noted.answeredAt === null && Buffer.from(chunk).includes("content_block_start")) {
        noted.answeredAt = performance.now()
      }
      controller.enqueue(chunk)
    },
  })
}

function response(step: WireStep, id: string): Fixture["response"] {
  const toolCalls = (step.calls ?? []).map((call, index) => ({
    id: call.id ?? `toolu_${id}_${index}`,
    name: call.tool,
    arguments: JSON.stringify(call.input),
  }))
  const usage = { input_tokens: 100, output_tokens: 10 }
  if (toolCalls.length === 0) return { content: step.text ?? "", usage }
  return step.text === undefined ? { toolCalls, usage } : { content: step.text, toolCalls, usage }
}

const text = (content: ChatRequest["messages"][number]["content"]): string =>
  typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("")

function lastWish(request: ChatRequest): number {
  return request.messages.findLastIndex((message) => message.role === "user" && text(message.content) !== "")
}

function asks(request: ChatRequest, wish: string): boolean {
  if ((request.tools ?? []).length === 0) return false
  return text(request.messages[lastWish(request)]?.content ?? "").includes(wish)
}

/** How many times the model has answered since the wish. */
function rounds(request: ChatRequest): number {
  return request.messages.slice(lastWish(request) + 1).filter((message) => message.role === "assistant").length
}
