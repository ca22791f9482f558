import { setTimeout as sleep } from "node:timers/promises"
import { newId } from "../../../lib/ids.ts"
import type { ModelEvent, ModelRequest } from "../port.ts"
import type { Answer } from "./answer.ts"

const inputPieceChars = 280

/** Tells an answer as a model would: words in small pieces, then each call with its input in pieces. */
export async function* streamAnswer(
  answer: Answer,
  request: ModelRequest,
  { pace, signal }: { pace: number; signal: AbortSignal },
): AsyncGenerator<ModelEvent> {
  for (const text of textPieces(answer.text)) {
    await wait(pace, signal)
    yield { type: "text", text }
  }
  for (const { tool, input } of answer.calls) {
    const callId = `demo_${newId()}`
    await wait(pace, signal)
    yield { type: "toolStart", callId, tool }
    for (const json of inputPieces(JSON.stringify(input))) {
      await wait(pace, signal)
      yield { type: "toolInput", callId, json }
    }
    yield { type: "toolCall", callId, tool, input }
  }
  const written = answer.text.length + JSON.stringify(answer.calls).length
  const read = JSON.stringify([request.system, request.tools, request.turns]).length
  yield { type: "usage", usage: { input: tokens(read), output: tokens(written), cached: 0 } }
  yield { type: "stop", reason: answer.calls.length > 0 ? "tools" : "end" }
}

/** About three words a piece; joined they are the text again. */
export function textPieces(text: string): string[] {
  return text.match(/^\s+|(?:\S+\s*){1,3}/g) ?? []
}

function inputPieces(json: string): string[] {
  return json.match(new RegExp(`.{1,${inputPieceChars}}`, "gsu")) ?? []
}

const tokens = (chars: number): number => Math.ceil(chars / 4)

async function wait(pace: number, signal: AbortSignal): Promise<void> {
  // The reason of the signal is thrown, not the timer's own AbortError.
  if (pace > 0) await sleep(pace, undefined, { signal }).catch(() => undefined)
  signal.throwIfAborted()
}
