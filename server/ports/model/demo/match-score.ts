/** How well a wish fits some phrases: the letters of all phrases that occur in it as whole words, 0 for none. */
export function matchScore(wish: string, phrases: readonly string[]): number {
  const text = ` ${plain(wish)} `
  return phrases
    .map(plain)
    .filter((phrase) => text.includes(` ${phrase} `))
    .reduce((sum, phrase) => sum + phrase.length, 0)
}

/** The one that fits best; the first of equals; null when none fits. */
export function bestMatch<
  T extends { readonly match: readonly string[]; readonly wish: string; readonly only?: readonly string[] },
>(wish: string, choices: readonly T[]): T | null {
  let best: T | null = null
  let bestScore = 0
  for (const choice of choices) {
    const { only = [] } = choice
    const named = matchScore(wish, only)
    const about = matchScore(wish, [choice.wish, ...choice.match])
    // A word such as "Python" alone does not say what is wanted.
    const score = about === 0 || (only.length > 0 && named === 0) ? 0 : about + named
    if (score > bestScore) [best, bestScore] = [choice, score]
  }
  return best
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
