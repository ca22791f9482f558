import type { Turn, TurnBlock } from "../../ports/model/port.ts"

const leftOut = "(left out to save room; read the file again if you need it)"
/** Results and inputs beyond this many characters are worth leaving out when room is short. */
const bulkyChars = 400

/** What is said between person and model: earlier turns, the wish, then the steps of this run. */
export class Talk {
  readonly #past: Turn[]
  readonly #now: Turn[]

  constructor(past: readonly Turn[], wish: readonly Turn[]) {
    this.#past = [...past]
    this.#now = [...wish]
  }

  get turns(): Turn[] {
    return joined([...this.#past, ...this.#now])
  }

  /** Words to the model that the person never sees. */
  say(text: string): void {
    this.#now.push({ role: "user", blocks: [{ type: "text", text }] })
  }

  add(role: Turn["role"], blocks: TurnBlock[]): void {
    if (blocks.length > 0) this.#now.push({ role, blocks })
  }

  /**
   * Makes the whole fit into so many tokens: the oldest earlier turns go first, then bulky parts of this run, oldest
   * first. Each thing left out makes it smaller, so this ends; what still does not fit the provider will refuse.
   */
  fit(tokens: number): void {
    while (this.#past.length > 0 && tokensOf(this.turns) > tokens) {
      this.#past.shift()
      while (this.#past[0]?.role === "assistant") this.#past.shift()
    }
    // The last two turns are what the model is working on right now.
    for (let at = 0; at < this.#now.length - 2 && tokensOf(this.turns) > tokens; at++) {
      const turn = this.#now[at]
      if (turn !== undefined) this.#now[at] = { ...turn, blocks: turn.blocks.map(slim) }
    }
  }
}

function slim(block: TurnBlock): TurnBlock {
  if (block.type === "toolResult") return block.text.length > bulkyChars ? { ...block, text: leftOut } : block
  if (block.type !== "toolCall" || typeof block.input !== "object" || block.input === null) return block
  const input = Object.entries(block.input).map(([key, value]: [string, unknown]) => [
    key,
    JSON.stringify(value)?.length > bulkyChars ? leftOut : value,
  ])
  return { ...block, input: Object.fromEntries(input) as unknown }
}

/** Providers want the roles to take turns and the person to begin. */
function joined(turns: readonly Turn[]): Turn[] {
  const result: Turn[] = []
  for (const turn of turns) {
    const last = result.at(-1)
    if (last?.role === turn.role) result[result.length - 1] = { ...last, blocks: [...last.blocks, ...turn.blocks] }
    else if (last !== undefined || turn.role === "user") result.push(turn)
  }
  return result
}

/** About four characters a token; no provider is asked for its own count. */
export const tokensOf = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 4)
