const longestPath = 1000
const longestSegment = 255
const deepest = 64

/** Zero-width and direction characters that HFS+ drops from a name, so that `.g\u200cit` opens `.git`. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g
/** Would show another name than it is. */
const reordering = /[\u202a-\u202e\u2066-\u2069]/
const control = /\p{Cc}/u
const encoder = new TextEncoder()

/**
 * Why a path may not name a file of a project, in words that a model can act on; null when it may.
 * The same rule decides what is written, listed and committed, on every operating system that may clone it.
 */
export function pathProblem(path: string): string | null {
  if (path === "") return "the path is empty"
  if (!path.isWellFormed()) return "the path holds broken Unicode"
  if (control.test(path)) return "the path holds a control character"
  if (path.includes("\\")) return "the path holds a backslash; separate folders with /"
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) {
    return "the path is absolute; paths start at the project folder, for example src/app.js"
  }
  if (/^~(\/|$)/.test(path)) return "the path starts with ~; paths start at the project folder"
  if (path.length > longestPath) return `the path is longer than ${longestPath} characters`
  const segments = path.split("/")
  if (segments.length > deepest) return `the path is deeper than ${deepest} folders`
  for (const segment of segments) {
    const problem = segmentProblem(segment)
    if (problem !== null) return problem
  }
  return null
}

function segmentProblem(segment: string): string | null {
  if (segment === "") return "the path ends with / or has an empty part; name a file"
  if (segment === "." || segment === "..") return `the path holds "${segment}"; it must stay inside the project folder`
  if (isGitFolder(segment)) return "the path names .git, which belongs to the server; versions are made for you"
  if (encoder.encode(segment).length > longestSegment)
    return `a part of the path is longer than ${longestSegment} bytes`
  if (/^\s|[\s.]$/.test(segment)) return "a part of the path starts with a space, or ends with a space or a dot"
  if (reordering.test(segment)) return "the path holds a character that changes the writing direction"
  return null
}

/** `.git` as HFS+ (invisible characters) and NTFS (case, short name, trailing dots, streams) would read it. */
function isGitFolder(segment: string): boolean {
  const name =
    segment
      .replaceAll(invisible, "")
      .split(":")[0]
      ?.replace(/[\s.]+$/, "")
      .toLowerCase() ?? ""
  return name === ".git" || /^git~\d+$/.test(name)
}
