const longestTitle = 72
const longestWish = 4_000

/** The message of a commit: a title, what the person wrote, and the run that made it. */
export function commitMessage(
  title: string,
  { wish, runId }: { wish?: string | null; runId?: string | null } = {},
): string {
  const words = wish?.trim() ?? ""
  const body = words === "" || words === title ? [] : [cut(words, longestWish)]
  return [firstLine(title), ...body, ...(runId ? [`Run: ${runId}`] : [])].join("\n\n")
}

/** The run that a commit's message names, null for one that a person or a forge made. */
export function runOf(message: string): string | null {
  return /\n\nRun: ([0-9a-f-]{36})\s*$/.exec(message)?.[1] ?? null
}

/** One line that can stand for a text. */
export function firstLine(text: string): string {
  const line = text.trim().split("\n", 1)[0]?.replaceAll(/\s+/g, " ").trim() ?? ""
  return line === "" ? "Changes" : cut(line, longestTitle)
}

const cut = (text: string, most: number): string =>
  text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, "")
        .trimEnd()}…`
