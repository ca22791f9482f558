const longestTitle = 72
const longestWish = 4_000

/** The message of a commit: a title, what the person wrote, where the conversation is, and the run that made it. */
export function commitMessage(
  title: string,
  { wish, runId, chat }: { wish?: string | null; runId?: string | null; chat?: string | null } = {},
): string {
  const words = wish?.trim() ?? ""
  const body = words === "" || words === title ? [] : [cut(words, longestWish)]
  const trailers = [...(chat ? [`Chat: ${chat}`] : []), ...(runId ? [`Run: ${runId}`] : [])].join("\n")
  return [firstLine(title), ...body, ...(trailers === "" ? [] : [trailers])].join("\n\n").replaceAll(skips, "($1)")
}

/** GitLab runs no checks for a commit that says so, wherever in its message; a wish that does is only to be read. */
const skips = /\[(ci[ _-]skip|skip[ _-]ci)\]/gi

/** The run that a commit's message names, null for one that a person or a forge made. */
export function runOf(message: string): string | null {
  return /\nRun: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*$/.exec(message)?.[1] ?? null
}

/**
 * What a commit is called here: its first line, of GitLab's merges what the merge request is called (the third line of
 * its template for them: "Merge branch 'a' into 'b'", "", title).
 */
export function titleOfCommit(message: string): string {
  const [first = "", empty, third] = message.trim().split("\n")
  const isMerge = /^Merge branch '.+' into '.+'$/.test(first) && empty === "" && third !== undefined
  return firstLine(isMerge ? third : first)
}

/** Control characters, and those that change the direction of what follows: a title shall look like what it says. */
const unseen = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu

/** One line that can stand for a text. */
export function firstLine(text: string): string {
  const line = text.trim().split("\n", 1)[0]?.replaceAll(unseen, " ").replaceAll(/\s+/g, " ").trim() ?? ""
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
