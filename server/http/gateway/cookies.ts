/** All our cookies begin so; an app can neither read nor set one. */
const ours = "__host-gochat"

/** Name and value of each cookie, in order, exactly as they were sent but for blanks and tabs around them. */
export function cookiesOf(request: Request): [string, string][] {
  return (request.headers.get("cookie") ?? "")
    .split(";")
    .map(withoutBlanks)
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=")
      return at === -1 ? ["", pair] : [pair.slice(0, at), pair.slice(at + 1)]
    })
}

/** As `trim`, but of blanks and tabs only. No expression: one would look again from each of many blanks in the middle. */
function withoutBlanks(text: string): string {
  const isBlank = (at: number) => text[at] === " " || text[at] === "\t"
  let [from, to] = [0, text.length]
  while (from < to && isBlank(from)) from++
  while (to > from && isBlank(to - 1)) to--
  return text.slice(from, to)
}

/**
 * Whether something could be taken for a cookie of ours: in any case of letters, with anything before it that a reader
 * may drop (blanks of any kind, `=` of a cookie without a name), or with our name as the value of a nameless one.
 */
export function looksLikeOurs(pair: string): boolean {
  return pair
    .toLowerCase()
    .replace(/^[^\w!#$%&'*+.^`|~-]+/, "")
    .startsWith(ours)
}

/** The `Cookie` header that an app may see; null when nothing is left. */
export function cookiesForApp(request: Request): string | null {
  const pairs = cookiesOf(request).map(([name, value]) => (name === "" ? value : `${name}=${value}`))
  const kept = pairs.filter((pair) => !looksLikeOurs(pair))
  return kept.length === 0 ? null : kept.join("; ")
}

/** A `Set-Cookie` of an app, for its own host only; null when it names one of ours. */
export function setCookieOfApp(cookie: string): string | null {
  const [pair = "", ...attributes] = cookie.split(";")
  if (looksLikeOurs(pair)) return null
  return [pair, ...attributes.filter((attribute) => !/^\s*domain\s*(=|$)/i.test(attribute))].join(";")
}
