/** What the script of the gateway tells about the app in the frame. */
export type PreviewMessage = { type: "path"; path: string } | { type: "error"; text: string }

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** Reads a message of the frame; the app itself can send anything, so nothing in it is trusted. */
export function readPreviewMessage(data: unknown): PreviewMessage | null {
  if (typeof data !== "object" || data === null) return null
  const { source, type, path, message, stack } = data as Record<string, unknown>
  if (source !== "gochat-preview") return null
  if (type === "path" && typeof path === "string" && path.startsWith("/")) return { type, path: path.slice(0, 2000) }
  if (type === "error") {
    const words = textOf(message)
    const trace = textOf(stack)
    // Some browsers repeat the message in the trace, others do not.
    const text = (trace.includes(words) ? trace : `${words}\n${trace}`).trim().slice(0, 2000)
    if (text !== "") return { type, text }
  }
  return null
}
