import { chmod, readFile, rename, writeFile } from "node:fs/promises"
import { parseEnv } from "node:util"

/** What a file is that may not be there; "" when it is not. */
export async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return ""
    throw error
  }
}

/** A file for its owner alone, there whole or not at all. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`
  await writeFile(beside, text, { mode: 0o600 })
  await chmod(beside, 0o600)
  await rename(beside, path)
}

/** A value of a text of `NAME=value` lines; an empty one counts as none. */
export const valueIn = (text: string, name: string): string | null => parseEnv(text)[name]?.trim() || null

/** The text with these values; every other line stays as it is. */
export function withValues(text: string, values: Record<string, string>): string {
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n")
  for (const [name, value] of Object.entries(values)) {
    const at = lines.findLastIndex((line) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(line))
    if (at < 0) lines.push(`${name}=${value}`)
    else lines[at] = `${name}=${value}`
  }
  return `${lines.join("\n")}\n`
}
