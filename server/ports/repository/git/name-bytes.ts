const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
/** A byte that is no UTF-8 is kept as half of a pair of surrogates, which no text has by itself. */
const shift = 0xdc_00

/** A path as git stores it, which may be any bytes: nothing of it is lost, and what is no text is not well-formed. */
export function nameOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    const text = Buffer.from(bytes).toString("latin1")
    return text.split("/").map(segmentOf).join("/") // prettier-ignore
  }
}

/** The bytes that `nameOfBytes` read. */
export function bytesOfName(name: string): Uint8Array {
  if (name.isWellFormed()) return encoder.encode(name)
  const text = name.split("/").map((segment) => {
    const bytes = segment.isWellFormed() ? encoder.encode(segment) : Buffer.from(segment, "latin1")
    return Buffer.from(bytes).toString("latin1")
  })
  return Buffer.from(text.join("/"), "latin1")
}

/** A folder is called the same, whatever is in it. */
function segmentOf(bytes: string): string {
  try {
    return strict.decode(Buffer.from(bytes, "latin1"))
  } catch {
    return bytes.replaceAll(/[^\0-\x7F]/g, (byte) => String.fromCharCode(shift + byte.charCodeAt(0))) // oxlint-disable-line no-control-regex -- all of ASCII
  }
}

/** Lines that end with NUL, each a name or with a name behind a tab, as `nameOfBytes` reads it. */
export function linesOfBytes(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at)
    const stop = end < 0 ? bytes.length : end
    lines.push(nameOfBytes(bytes.subarray(at, stop)))
    at = stop + 1
  }
  return lines
}

/** The input of `git update-index -z --index-info`. */
export const indexInfo = (lines: readonly { entry: string; path: string }[]): Uint8Array =>
  Buffer.concat(
    lines.flatMap(({ entry, path }) => [encoder.encode(`${entry}\t`), bytesOfName(path), new Uint8Array(1)]),
  )
