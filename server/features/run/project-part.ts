import type { FileEntry } from "../../../shared/file.ts"
import { AppError } from "../../app-error.ts"
import { cleanText } from "../../lib/clean-text.ts"
import { listFiles, readFile } from "../file/workspace.ts"

const fileChars = 16_000
const mostListed = 400

interface ProjectFacts {
  title: string | null
  template: string
  root: string
  /** How the newest checks went, in words; null when there were none. */
  checks: string | null
  /** What the shown files may take. */
  chars: number
}

/** What a model has to know of a project: what it is, which files it has, and the text of those that matter most. */
export async function projectPart({ title, template, root, checks, chars }: ProjectFacts): Promise<string> {
  const files = await listFiles(root)
  const shown = await shownFiles(root, files, chars)
  const listed = files.slice(0, mostListed).map(({ path, size }) => `${path} (${size} bytes)`)
  if (files.length > mostListed) listed.push(`and ${files.length - mostListed} more; use search_files`)
  return [
    `# The project${title === null ? "" : `: ${title}`}`,
    `It was started from the template "${template}".${checks === null ? "" : ` ${checks}`}`,
    `## Files at the beginning of this turn\n${listed.join("\n") || "(none)"}`,
    ...shown.map(({ path, text }) => `## ${path}\n${fenced(text)}`),
    shown.length < files.length ? "The other files can be read with read_files." : "",
  ]
    .filter((part) => part !== "")
    .join("\n\n")
}

async function shownFiles(root: string, files: readonly FileEntry[], chars: number) {
  const shown: { path: string; text: string }[] = []
  let left = chars
  for (const { path } of [...files].filter(worthShowing).sort((a, b) => rank(a.path) - rank(b.path))) {
    const text = await textOf(root, path)
    if (text === null || text.length > Math.min(left, fileChars)) continue
    left -= text.length
    shown.push({ path, text })
  }
  return shown
}

const worthShowing = ({ path, size }: FileEntry): boolean =>
  size <= fileChars * 3 &&
  !/(^|\/)(bun\.lock|package-lock\.json|yarn\.lock|pnpm-lock\.yaml)$|\.(svg|min\.\w+)$/.test(path)

/** What explains the project comes first, then what is changed most often. */
function rank(path: string): number {
  const order = [
    /^README\.md$/i,
    /^(package\.json|requirements\.txt|pyproject\.toml|go\.mod)$/,
    /^((templates\/|web\/)?index\.html|(src\/)?(app|main|index)\.([jt]sx?|py|go))$/i,
    /^(src\/)?(style|styles|index|app)\.css$/i,
    /^src\//,
    /^[^./][^/]*\.(html|css|[jt]sx?|py|go)$/,
    /^tests?\//,
  ]
  const at = order.findIndex((pattern) => pattern.test(path))
  return (at === -1 ? order.length : at) + path.split("/").length / 100
}

async function textOf(root: string, path: string): Promise<string | null> {
  try {
    const text = await readFile(root, path)
    return text === null ? null : cleanText(text)
  } catch (error) {
    // Not text, or a link: listed, not shown.
    if (error instanceof AppError) return null
    throw error
  }
}

/** A fence that is longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length))
  const fence = "`".repeat(longest + 1)
  return `${fence}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`
}
