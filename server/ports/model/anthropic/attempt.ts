import { type Anthropic, APIError } from "@anthropic-ai/sdk"
import { Stream } from "@anthropic-ai/sdk/core/streaming"
import type { ModelEvent } from "../port.ts"
import { AnswerReader } from "./answer-reader.ts"
import type { ThinkingMemory } from "./thinking-memory.ts"
import { modelError, toModelError } from "./to-model-error.ts"
import { Watchdog, type WatchdogLimits } from "./watchdog.ts"

export interface Attempting extends WatchdogLimits {
  client: Anthropic
  key: string
  memory: ThinkingMemory
}

/** Asks the provider once. Whatever ends this, also leaving the loop over it, ends the request upstream. */
export async function* attempt(
  { client, key, memory, firstByteMs, idleMs }: Attempting,
  params: Anthropic.MessageCreateParamsStreaming,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  signal.throwIfAborted()
  const upstream = new AbortController()
  const end = () => upstream.abort()
  const watchdog = new Watchdog({ firstByteMs, idleMs }, end)
  signal.addEventListener("abort", end, { once: true })
  const reader = new AnswerReader(memory)
  try {
    const response = await client.messages.create(params, { signal: upstream.signal }).asResponse()
    // The raw events, because the SDK's own reader hides the pings that keep the watchdog calm.
    for await (const { event, data } of Stream.rawEvents(response, upstream)) {
      watchdog.sign(event === "ping" ? "ping" : "content")
      if (event === "ping" || event === null || data === "") continue
      if (event === "error") throw errorOf(data, response.headers)
      yield* reader.read(JSON.parse(data) as Anthropic.RawMessageStreamEvent)
      // Whoever reads may have taken long to store what they got.
      watchdog.sign("content")
      if (event === "message_stop") break
    }
    if (!upstream.signal.aborted && !reader.whole) throw modelError("provider_cut", "the answer broke off", key)
  } catch (error) {
    if (!upstream.signal.aborted) throw toModelError(error, key)
  } finally {
    watchdog.stop()
    signal.removeEventListener("abort", end)
    upstream.abort()
  }
  signal.throwIfAborted()
  if (watchdog.silent) throw modelError("provider_silent", "nothing came for too long", key)
  yield* reader.end()
}

function errorOf(data: string, headers: Headers): unknown {
  const body = JSON.parse(data) as { error?: { type?: Anthropic.ErrorType } }
  return new APIError(undefined, body, undefined, headers, body.error?.type ?? null)
}
