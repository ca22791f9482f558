/** What may come before the first element of a page, and the two tags that our script goes behind. */
const before = /^(?:\s+|<!--[^]*?-->|<!doctype[^>]*>|<\?[^>]*>|<html(?:\s(?:"[^"]*"|'[^']*'|[^>"'])*)?>)/i
const head = /^<head(?:\s(?:"[^"]*"|'[^']*'|[^>"'])*)?>/i
/** The beginning of one of them that has not come whole yet. */
const unfinished =
  /^(?:<|<!-?|<!--[^]*|<!d(?:o(?:c(?:t(?:y(?:p(?:e[^>]*)?)?)?)?)?)?|<\?[^>]*|<h(?:t(?:m(?:l(?:\s[^]*)?)?)?)?|<he(?:a(?:d(?:\s[^]*)?)?)?)?$/i

/**
 * Where in the beginning of a page our script is the first thing that runs: behind `<head>`, else before the first
 * content, where every browser thinks a head. null = more of the page is needed to say.
 */
export function scriptPlace(html: string): number | null {
  let at = 0
  for (;;) {
    const rest = html.slice(at)
    const found = before.exec(rest)
    if (found === null) {
      const tag = head.exec(rest)
      if (tag !== null) return at + tag[0].length
      return rest === "" || unfinished.test(rest) ? null : at
    }
    at += found[0].length
  }
}
