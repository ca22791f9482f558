/**
 * Text that Postgres and JSON can hold: NUL and lone surrogates become U+FFFD.
 * For whatever comes from outside (a model, a command's output, a person).
 */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD")
}
