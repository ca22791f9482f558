import { unzipSync } from "fflate"

/**
 * The names and sizes in an archive that somebody else's job made. Only its list is read, nothing is unpacked, so
 * neither a bomb nor a link nor a path that leads out does anything. What is no archive holds nothing.
 */
export function listZip(path: string, most: number): { path: string; size: number }[] {
  const files = new Map<string, number>()
  let entries = 0
  try {
    unzipSync(Bun.mmap(path, { shared: false }), {
      filter: ({ name, originalSize }) => {
        // An archive may claim any number of entries.
        if (++entries > most) throw new Error("more than is listed")
        if (isArtifactPath(name) && !files.has(name)) files.set(name, originalSize)
        return false
      },
    })
  } catch {
    return []
  }
  return [...files].map(([name, size]) => ({ path: name, size }))
}

/** A path below a folder, and of a file; anything else is not shown and not opened. */
export function isArtifactPath(path: string): boolean {
  // oxlint-disable-next-line no-control-regex -- names that would spoil what shows them
  if (path === "" || path.length > 1_000 || /[\u0000-\u001F\u007F\\]/.test(path)) return false
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
}
