import type Anthropic from "@anthropic-ai/sdk"

export type Thinking = Anthropic.ThinkingBlockParam | Anthropic.RedactedThinkingBlockParam

interface Thoughts {
  /** At the start of the answer; only with its first call. */
  opening: Thinking[]
  /** Right before the call. */
  before: Thinking[]
}

const limit = 2_000

/**
 * What a model thought before its calls. The API wants it back, signed and unchanged, with the results of those calls;
 * nobody else can read it, so it stays in here. A restart forgets it, which costs quality, never an answer.
 */
export class ThinkingMemory {
  readonly #thoughts = new Map<string, Thoughts>()

  keep(callId: string, thoughts: Thoughts): void {
    if (thoughts.opening.length + thoughts.before.length === 0) return
    this.#thoughts.set(callId, thoughts)
    const oldest = this.#thoughts.keys().next()
    if (this.#thoughts.size > limit && !oldest.done) this.#thoughts.delete(oldest.value)
  }

  opening(callId: string): readonly Thinking[] {
    return this.#thoughts.get(callId)?.opening ?? []
  }

  before(callId: string): readonly Thinking[] {
    return this.#thoughts.get(callId)?.before ?? []
  }
}
