import type { News } from "../../../shared/events.ts"

/** The kinds of news that stream: many small ones that may be joined before they are stored. */
export type StreamNews = Extract<News, { type: "message.delta" | "tool.delta" | "build.log" }>

/** Longest text of one row; longer runs of text go in several. */
const rowChars = 16 * 1024

/**
 * Adds a piece to a list of pieces that wait: text joins the text before it, a later count of a tool call replaces
 * the earlier one, a log goes on where it ended. The list's order is the order of writing. Changes `waiting`.
 */
export function coalesce(waiting: StreamNews[], next: StreamNews): void {
  const last = waiting.at(-1)
  if (last === undefined || !joins(last, next)) {
    waiting.push(next)
    return
  }
  waiting[waiting.length - 1] = join(last, next)
}

function joins(last: StreamNews, next: StreamNews): boolean {
  if (last.type === "message.delta" && next.type === "message.delta") {
    return last.messageId === next.messageId && last.text.length < rowChars
  }
  if (last.type === "tool.delta" && next.type === "tool.delta") {
    return last.messageId === next.messageId && last.callId === next.callId
  }
  if (last.type === "build.log" && next.type === "build.log") {
    return last.jobId === next.jobId && last.from + last.text.length === next.from && last.text.length < rowChars
  }
  return false
}

function join(last: StreamNews, next: StreamNews): StreamNews {
  if (last.type === "message.delta" && next.type === "message.delta") return { ...last, text: last.text + next.text }
  if (last.type === "build.log" && next.type === "build.log") return { ...last, text: last.text + next.text }
  if (last.type === "tool.delta" && next.type === "tool.delta") return { ...next, path: next.path ?? last.path }
  return next
}
