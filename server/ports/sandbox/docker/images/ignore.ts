import { posix } from "node:path"

interface Rule {
  glob: Bun.Glob
  parts: number
  anyDepth: boolean
  negated: boolean
}

/** More rules than anybody writes; each is tried for every file. */
const mostRules = 500

/**
 * Which paths a `.dockerignore` leaves out, as the engine's builder reads it: the last rule that names a path, or a
 * folder that it is in, decides. With globs and not with regular expressions: those that many stars make could take
 * hours for one file, and whoever writes the file is not whoever waits.
 */
export function dockerIgnores(text: string): (path: string) => boolean {
  const rules = text.split(/\r?\n/, mostRules).flatMap((line) => ruleOf(line) ?? [])
  return (path) => {
    let left = false
    for (const rule of rules) if (left === rule.negated && names(rule, path)) left = !rule.negated
    return left
  }
}

function ruleOf(line: string): Rule | null {
  const text = line.trim()
  if (text === "" || line.startsWith("#")) return null
  const negated = text.startsWith("!")
  const pattern = posix.normalize((negated ? text.slice(1) : text).trim() || ".").replace(/^\//, "")
  const clean = pattern.endsWith("/") ? pattern.slice(0, -1) : pattern
  if (clean === "" || clean === ".") return null
  // Bun's globs know more than the builder's: `{a,b}`, and `!` in front.
  const plain = clean.replaceAll(/\\.|[{}]|^!/g, (found) => (found.length > 1 ? found : `\\${found}`))
  const parts = clean.split("/")
  const anyDepth = parts.some((part) => part.includes("**"))
  return { glob: new Bun.Glob(plain), parts: parts.length, anyDepth, negated }
}

function names({ glob, parts, anyDepth }: Rule, path: string): boolean {
  if (!anyDepth) {
    const above = path.split("/", parts + 1)
    return above.length >= parts && glob.match(above.slice(0, parts).join("/"))
  }
  for (let part = path; part !== "."; part = posix.dirname(part)) if (glob.match(part)) return true
  return false
}
