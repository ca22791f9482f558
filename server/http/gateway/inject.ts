import { scriptPlace } from "./script-place.ts"

/** Address of our script on every preview host. */
export const scriptPath = "/__gochat/preview.js"

const tag = new TextEncoder().encode(`<script src="${scriptPath}"></script>`)
/** Who has not begun their page by then gets no script. */
const searchedBytes = 16 * 1024
const searchedPieces = 100
/** Beginning of a page in two bytes a letter, into which nothing of ours may be put. */
const wide = /^(?:\xff\xfe|\xfe\xff|\0|[^]\0)/

/**
 * Adds our script to HTML as it streams, and holds back nothing but the few bytes before its place. The script must run
 * before the app's own, or it would miss their first errors.
 */
export function withScript(html: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  let begun: Uint8Array<ArrayBuffer> | null = new Uint8Array()
  let pieces = 0
  const place = (bytes: Uint8Array): number | null => {
    // Latin-1: a byte a letter, so that places in text are places in bytes, whatever the page is written in.
    const text = Buffer.from(bytes).toString("latin1")
    if (wide.test(text)) return -1
    // Not even the mark at the beginning is there yet.
    if (bytes.length < 2 || text === "\xef\xbb") return null
    const marked = text.startsWith("\xef\xbb\xbf") ? 3 : 0
    const found = scriptPlace(text.slice(marked))
    if (found !== null) return found + marked
    return bytes.length > searchedBytes || ++pieces > searchedPieces ? -1 : null
  }
  return html.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (begun === null) return controller.enqueue(chunk)
        begun = joined(begun, chunk)
        const at = place(begun)
        if (at === null) return undefined
        controller.enqueue(at < 0 ? begun : joined(begun.subarray(0, at), tag, begun.subarray(at)))
        begun = null
        return undefined
      },
      flush(controller) {
        if (begun !== null && begun.length > 0) controller.enqueue(joined(begun, tag))
      },
    }),
  )
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
