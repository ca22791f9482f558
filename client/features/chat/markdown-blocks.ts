import { lexer } from "marked"

/** The top-level blocks of a Markdown text; joined they are the text. Blank lines belong to the block before them. */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = []
  for (const token of lexer(text)) {
    const last = blocks.length - 1
    if (token.type === "space" && last >= 0) blocks[last] += token.raw
    else blocks.push(token.raw)
  }
  // A few half-written starts ("- " at the very end) come back changed; such a text stays one block until it goes on.
  return blocks.join("") === text ? blocks : [text]
}

/** Remembers the blocks of one answer while it grows. */
export class GrowingBlocks {
  #known: readonly string[] = []

  of(text: string): readonly string[] {
    this.#known = growBlocks(this.#known, text.replaceAll("\r\n", "\n"))
    return this.#known
  }
}

/**
 * The blocks of a text that only grew: all but the last two stay as they were, so their elements are
 * not rendered again and the lexer reads a few lines instead of the whole answer.
 */
export function growBlocks(before: readonly string[], text: string): readonly string[] {
  const kept = before.slice(0, -2)
  const start = kept.reduce((length, block) => length + block.length, 0)
  if (kept.length === 0 || !text.startsWith(kept.join(""))) return splitBlocks(text)
  return [...kept, ...splitBlocks(text.slice(start))]
}
