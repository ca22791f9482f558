import { lstat, readdir } from "node:fs/promises"
import { join, posix } from "node:path"

export interface Found {
  path: string
  kind: "file" | "link"
}

/**
 * The files and links below `root` that the patterns name, in GitLab's way: a pattern that names a folder takes all
 * in it. No link is followed. `onMissing` is told of each pattern that names nothing.
 */
export async function findArtifacts(
  root: string,
  paths: readonly string[],
  exclude: readonly string[],
  most: number,
  onMissing: (pattern: string) => void,
): Promise<Found[]> {
  const found = new Map<string, Found>()
  const excluded = exclude.map((pattern) => new Bun.Glob(normalPattern(pattern) ?? "\0"))
  for (const original of paths) {
    const pattern = normalPattern(original)
    let any = false
    if (pattern !== null) {
      const glob = pattern === "." ? null : new Bun.Glob(pattern)
      const takes = (path: string) => glob === null || matchesPart(glob, path)
      for await (const entry of walk(root, fixedPart(pattern))) {
        if (!takes(entry.path)) continue
        any = true
        if (!excluded.some((glob) => glob.match(entry.path))) found.set(entry.path, entry)
        if (found.size > most) return [...found.values()]
      }
    }
    if (!any) onMissing(original)
  }
  return [...found.values()]
}

/** null: names nothing inside the project. */
function normalPattern(pattern: string): string | null {
  const normal = posix.normalize(pattern.trim()).replace(/\/+$/, "")
  // Bun's globs take a leading `!` for "not"; GitLab's do not know it.
  if (normal === "" || normal.startsWith("/") || normal.startsWith("!") || /^\.\.(?:\/|$)/.test(normal)) return null
  return normal
}

/** Does the pattern name the path, or a folder that it is in? */
function matchesPart(glob: Bun.Glob, path: string): boolean {
  for (let part = path; part !== "."; part = posix.dirname(part)) if (glob.match(part)) return true
  return false
}

/** The folders of a pattern before its first sign: only there can anything match. */
function fixedPart(pattern: string): string {
  const parts = pattern.split("/")
  const signs = parts.findIndex((part) => /[*?[\]{}\\]/.test(part))
  return signs === -1 ? pattern : parts.slice(0, signs).join("/") || "."
}

async function* walk(root: string, start: string): AsyncGenerator<Found> {
  for (let part = posix.dirname(start); part !== "."; part = posix.dirname(part)) {
    const stat = await lstat(join(root, part)).catch(() => null)
    if (stat === null || !stat.isDirectory()) return
  }
  const stat = await lstat(join(root, start)).catch(() => null)
  if (stat?.isFile()) yield { path: start, kind: "file" }
  else if (stat?.isSymbolicLink()) yield { path: start, kind: "link" }
  if (!stat?.isDirectory()) return
  const folders = [start]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const path = folder === "." ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) folders.push(path)
      else if (entry.isFile()) yield { path, kind: "file" }
      else if (entry.isSymbolicLink()) yield { path, kind: "link" }
    }
  }
}
