import type { Queryable } from "../../lib/database.ts"
import { asksAboutConflict, chosenSide } from "./conflict-words.ts"
import { wishBefore } from "./store.ts"

/** What the person had wished for when the question came that this message answers; null when nothing was. */
export async function interruptedWish(
  q: Queryable,
  answer: { id: string; projectId: string; position: number },
): Promise<string | null> {
  const before = await wishBefore(q, answer)
  if (before === null || !asksAboutConflict(before.parts) || chosenSide(before.content) !== null) return null
  return before.content
}
