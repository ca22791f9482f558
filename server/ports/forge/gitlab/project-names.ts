/** Paths that GitLab keeps for its own pages. */
const reserved = new Set(["badges", "blame", "blob", "builds", "commits", "create", "create_dir", "edit", "files"])
for (const word of ["find_file", "new", "preview", "raw", "refs", "tree", "update", "wikis"]) reserved.add(word)

/** A path that GitLab takes, out of any words. */
export function pathOf(slug: string): string {
  const cleaned = slug
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 200)
    .replaceAll(/^-+|-+$/g, "")
  if (cleaned === "") return "app"
  return reserved.has(cleaned) ? `${cleaned}-app` : cleaned
}

/** A name that GitLab takes: of ASCII only letters, digits and `_ - . +`. */
export function nameOf(title: string, otherwise: string): string {
  const cleaned = title
    .replaceAll(/[^\p{Alphabetic}\p{Nd}\p{Pd}+\u00A9-\u{1f9ff}_. ]/gu, " ")
    .replaceAll(/\s+/g, " ")
    .replace(/^[^\p{Alphabetic}\p{Nd}\u00A9-\u{1f9ff}_]+/u, "")
    .slice(0, 200)
    .trim()
  // A cut in the middle of a character that has two halves leaves one.
  return cleaned.toWellFormed().replaceAll("\uFFFD", "").trim() || otherwise
}

/** The second one is called so with a 2. */
export const suffixed = (text: string, number: number, between: string): string =>
  number === 1 ? text : `${text}${between}${number}`
