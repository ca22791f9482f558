import type { Turn } from "../port.ts"

export interface Conversation {
  /** What the person asked for last. */
  wish: string
  /** What they asked for before, oldest first. */
  earlier: string[]
  /** Results of the tool calls since the wish, in the order of the calls. */
  results: { failed: boolean }[]
}

/** A person's turn has words and no tool results; "continue" repeats the wish before it from its start. */
export function readTurns(turns: readonly Turn[]): Conversation {
  const wishes: string[] = []
  let results: { failed: boolean }[] = []
  for (const turn of turns) {
    if (turn.role !== "user") continue
    const answered = turn.blocks.filter((block) => block.type === "toolResult")
    if (answered.length > 0) {
      results.push(...answered.map(({ failed }) => ({ failed })))
      continue
    }
    const words = turn.blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n")
    if (words.trim() === "") continue
    if (!isContinue(words) || wishes.length === 0) wishes.push(words)
    results = []
  }
  return { wish: wishes.at(-1) ?? "", earlier: wishes.slice(0, -1), results }
}

const isContinue = (words: string): boolean =>
  /^\s*(please\s+)?(continue|go on|keep going|try again)\b.{0,60}$/is.test(words)
