import type { MessagePart } from "../../../shared/message.ts"

type Question = Extract<MessagePart, { type: "question" }>

/** Answers to the question which of two changes stays. */
export const conflictChoices = { ours: "Keep what is here", theirs: "Take what is in GitLab" } as const

/** Why versions do not reach the forge. */
export const conflictWords = (paths: readonly string[]): string =>
  `In GitLab somebody changed ${naming(paths)}, and it was changed here, too`

export const conflictQuestion = (paths: readonly string[]): Question => ({
  type: "question",
  // Without paths the two have nothing in common: then one of them is taken whole.
  question: `${conflictWords(paths)}. Which should stay?${paths.length > 0 ? " Everything else of both is kept either way." : ""}`,
  choices: Object.values(conflictChoices),
})

/** Which side the person chose; null when these words are no answer to that. */
export function chosenSide(words: string): "ours" | "theirs" | null {
  const said = words.trim()
  if (said === conflictChoices.ours) return "ours"
  return said === conflictChoices.theirs ? "theirs" : null
}

/** Is it the question about a conflict? */
export const asksAboutConflict = (parts: readonly MessagePart[]): boolean =>
  parts.some((part) => part.type === "question" && part.choices.includes(conflictChoices.theirs))

/** What is said when it is done and nothing else was asked for. */
export const settledWords = (side: "ours" | "theirs"): string =>
  side === "ours"
    ? "What is here stays, and everything else from GitLab is in now."
    : "What is in GitLab is taken, and everything else from here is kept."

/** The answer came while nobody could be asked. */
export const awayWords =
  "GitLab does not answer right now, so nothing was changed yet. Send the same answer again in a little while."

/** The answer came when it was settled already. */
export const nothingWords = "There is nothing left to settle: what is in GitLab is in the project."

const shown = 3

/** Others may call a file anything; of that only what can be read is shown. */
const readable = (path: string): string =>
  path.toWellFormed().replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, "\uFFFD")

function naming(changed: readonly string[]): string {
  const paths = changed.map(readable)
  const [first, ...rest] = paths
  if (first === undefined) return "the project"
  if (rest.length === 0) return first
  if (paths.length <= shown) return `${paths.slice(0, -1).join(", ")} and ${paths.at(-1)}`
  return `${paths.slice(0, shown - 1).join(", ")} and ${paths.length - shown + 1} more files`
}
