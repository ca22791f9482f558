import Anthropic from "@anthropic-ai/sdk"
import { type Model, ModelError, type ModelEvent, type ModelRequest } from "../port.ts"
import { attempt, type Attempting } from "./attempt.ts"
import { Catalogue } from "./catalogue.ts"
import { ThinkingMemory } from "./thinking-memory.ts"
import { modelError, toModelError } from "./to-model-error.ts"
import { toParams } from "./to-params.ts"
import { withRetries } from "./with-retries.ts"

export interface AnthropicOptions {
  claudeApiKey: string | null
  anthropicBaseUrl: string
  claudeModel: string
  /** Empty = every model of the provider. */
  allowedModels: readonly string[]
  /** Silence that ends an answer, before and after its first sign of life. */
  firstByteMs?: number
  idleMs?: number
  /** First wait before a second try; it doubles. */
  backoffMs?: number
}

/** Claude behind the model port. */
export function createAnthropicModel(options: AnthropicOptions): Model {
  const { claudeModel, allowedModels, firstByteMs = 60_000, idleMs = 60_000, backoffMs = 1_000 } = options
  const key = options.claudeApiKey ?? ""
  const client = new Anthropic({
    apiKey: key,
    authToken: null,
    baseURL: options.anthropicBaseUrl,
    // Our own policy decides; the SDK's would repeat in silence and not wait as long as told.
    maxRetries: 0,
    // The watchdog ends what is silent; a long answer may take its time.
    timeout: 60 * 60_000,
    logLevel: "off",
  })
  const catalogue = new Catalogue({ client, defaultModel: claudeModel, allowedModels })
  const memory = new ThinkingMemory()
  const attempting: Attempting = { client, key, memory, firstByteMs, idleMs }

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const limited = { ...request, maxTokens: catalogue.outputLimit(request.model, request.maxTokens) }
    const { params, replaysThinking } = toParams(limited, memory)
    try {
      yield* withRetries(() => attempt(attempting, params, signal), { signal, backoffMs })
    } catch (error) {
      // Thinking is bound to all that stood before it; where that has changed, the answer goes on without it.
      if (!replaysThinking || !isAboutThinking(error)) throw error
      const plain = toParams(limited, null)
      yield* withRetries(() => attempt(attempting, plain.params, signal), { signal, backoffMs })
    }
  }

  async function complete(request: Omit<ModelRequest, "tools">, signal: AbortSignal): Promise<string> {
    const { params } = toParams({ ...request, tools: [] }, null)
    const silence = AbortSignal.timeout(firstByteMs)
    try {
      const within = AbortSignal.any([signal, silence])
      const message = await client.messages.create({ ...params, stream: false }, { signal: within })
      return message.content.map((block) => (block.type === "text" ? block.text : "")).join("")
    } catch (error) {
      signal.throwIfAborted()
      throw silence.aborted ? modelError("provider_silent", "no answer came", key) : toModelError(error, key)
    }
  }

  return {
    provider: "anthropic",
    defaultModel: claudeModel,
    scenes: [],
    list: () => catalogue.list(),
    window: (model) => catalogue.window(model),
    stream,
    complete,
    health: () => catalogue.health(),
  }
}

const isAboutThinking = (error: unknown): boolean =>
  error instanceof ModelError && error.kind === "provider_rejected" && /thinking/i.test(error.detail)
