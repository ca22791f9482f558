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
  script(wish: string, steps: WireStep[], options?: { tokensPerSecond?: number }): void
  /** Bodies of the requests that came, oldest first. */
  requests(): WireRequest[]
  stop(): Promise<void>
}

export interface WireRequest {
  path: string
  headers: Record<string, string>
  body: {
    messages: { role: string; content: unknown }[]
    system?: unknown
    tools?: { name: string }[]
    stream?: boolean
  }
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
  return {
    url: mock.url,
    script: (wish, steps, { tokensPerSecond } = {}) => {
      for (const [index, step] of steps.entries()) {
        mock.addFixture({
          match: { predicate: (request) => asks(request, wish) && rounds(request) === index },
          response: response(step, `${wish.length}-${index}`),
          chunkSize: tokenChars,
          ...(tokensPerSecond === undefined ? {} : { streamingProfile: { ttft: 20, tps: tokensPerSecond } }),
        })
      }
    },
    requests: () =>
      mock
        .getRequests()
        .map(({ path, headers, body }) => ({ path, headers, body: body as unknown as WireRequest["body"] })),
    stop: () => mock.stop(),
  }
}

function response(step: WireStep, id: string): Fixture["response"] {
  const toolCalls = (step.calls ?? []).map((call, index) => ({
    id: call.id ?? `toolu_${id}_${index}`,
    name: call.tool,
    arguments: JSON.stringify(call.input),
  }))
  if (toolCalls.length === 0) return { content: step.text ?? "" }
  return step.text === undefined ? { toolCalls } : { content: step.text, toolCalls }
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
