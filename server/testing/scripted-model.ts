import { newId } from "../lib/ids.ts"
import type { Model, ModelEvent, ModelRequest } from "../ports/model/port.ts"

/** One moment of a scripted answer: an event, a failure, or a wait that an abort ends. */
export type Beat = ModelEvent | Error | Promise<unknown>

/** What the model does when it is asked for the `index`-th time (from 0, titles not counted). */
export type Script = (request: ModelRequest, index: number) => Beat[]

/** A model at the port that follows a script and remembers what it was asked. */
export interface ScriptedModel extends Model {
  readonly requests: ModelRequest[]
  /** Reasons with which answers were aborted. */
  readonly aborts: unknown[]
  script: Script
  title: (signal: AbortSignal) => Promise<string>
}

export function scriptedModel(script: Script = () => [...say("Hello.")]): ScriptedModel {
  const model: ScriptedModel = {
    provider: "anthropic",
    defaultModel: "scripted",
    scenes: [],
    requests: [],
    aborts: [],
    script,
    title: async () => "Scripted app",
    list: async () => [
      { id: "scripted", name: "Scripted" },
      { id: "other", name: "Other" },
    ],
    window: () => 200_000,
    health: async () => "healthy",
    complete: (_request, signal) => model.title(signal),
    async *stream(request, signal) {
      const index = model.requests.length
      model.requests.push(structuredClone(request))
      const onAbort = () => model.aborts.push(signal.reason)
      signal.addEventListener("abort", onAbort, { once: true })
      try {
        for (const beat of model.script(request, index)) {
          signal.throwIfAborted()
          if (beat instanceof Error) throw beat
          if (beat instanceof Promise) await untilAborted(beat, signal)
          else yield beat
        }
      } finally {
        signal.removeEventListener("abort", onAbort)
      }
    },
  }
  return model
}

async function untilAborted(wait: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>()
  signal.addEventListener("abort", () => aborted.resolve(), { once: true })
  await Promise.race([wait, aborted.promise])
  signal.throwIfAborted()
}

const usage: ModelEvent = { type: "usage", usage: { input: 100, output: 10, cached: 50 } }

/** Words in pieces, then the end of the answer. */
export const say = (...texts: string[]): Beat[] => [...words(...texts), usage, { type: "stop", reason: "end" }]

/** Words in pieces, and the answer goes on. */
export const words = (...texts: string[]): Beat[] => texts.map((text) => ({ type: "text", text }))

/** A whole call, its input in pieces. */
export function call(tool: string, input: unknown, callId: string = newId()): Beat[] {
  const pieces = JSON.stringify(input).match(/.{1,20}/gsu) ?? []
  return [
    { type: "toolStart", callId, tool },
    ...pieces.map((json): Beat => ({ type: "toolInput", callId, json })),
    { type: "toolCall", callId, tool, input },
  ]
}

/** The end of an answer that waits for its calls. */
export const toolsStop: Beat[] = [usage, { type: "stop", reason: "tools" }]

/** An answer of calls only. */
export const calls = (...all: Beat[][]): Beat[] => [...all.flat(), ...toolsStop]

export const stop = (reason: "end" | "tools" | "length" | "pause" | "refusal" | "context"): Beat[] => [
  usage,
  { type: "stop", reason },
]
