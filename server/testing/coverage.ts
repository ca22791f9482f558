import { readFileSync } from "node:fs"
import { relative } from "node:path"

/** How many lines of a set of files were run. */
export interface Coverage {
  lines: number
  hit: number
  /** Files that no test loaded; each of their lines counts as not run. */
  unloaded: string[]
}

/**
 * Reads an lcov report for exactly these sources. Bun reports only files that were loaded, so a file without any test
 * would raise the figure by being left out: its lines are counted here as not run.
 */
export function readCoverage(lcov: string, root: string, sources: readonly string[]): Coverage {
  const seen = parse(lcov, root)
  const coverage: Coverage = { lines: 0, hit: 0, unloaded: [] }
  for (const path of sources) {
    const file = seen.get(path) ?? { lines: codeLines(readFileSync(`${root}/${path}`, "utf8")), hit: 0 }
    coverage.lines += file.lines
    coverage.hit += file.hit
    if (!seen.has(path) && file.lines > 0) coverage.unloaded.push(path)
  }
  return coverage
}

/** Percent with one digit. */
export const percent = ({ lines, hit }: Coverage): number => (lines === 0 ? 100 : Math.floor((hit / lines) * 1000) / 10)

function parse(lcov: string, root: string): Map<string, { lines: number; hit: number }> {
  const files = new Map<string, { lines: number; hit: number }>()
  let current = { lines: 0, hit: 0 }
  for (const line of lcov.split("\n")) {
    if (line.startsWith("SF:")) {
      const path = line.slice(3).trim()
      current = { lines: 0, hit: 0 }
      files.set(path.startsWith("/") ? relative(root, path) : path, current)
    } else if (line.startsWith("DA:")) {
      current.lines++
      if (Number(line.split(",")[1]) > 0) current.hit++
    }
  }
  return files
}

/** Lines that could run; a file of types has none. */
function codeLines(text: string): number {
  const code = new Bun.Transpiler({ loader: "tsx" }).transformSync(text)
  return code.split("\n").filter((line) => line.trim() !== "" && !/^(import |export \{)/.test(line)).length
}
