import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { StartError } from "./start-error.ts"

/** The key that signs sessions: made once, kept in DATA_DIR, readable by nobody else. */
export function readSecretKey(dataDir: string): string {
  const path = join(dataDir, "secret.key")
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return keyIn(path) ?? makeKey(path)
  } catch (cause) {
    throw new StartError(
      `The data folder cannot be used: ${dataDir} (${cause instanceof Error ? cause.message : "unknown reason"}); set DATA_DIR to a folder that you own.`,
      { cause },
    )
  }
}

function makeKey(path: string): string {
  const key = randomBytes(32).toString("hex")
  try {
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: "wx" })
    return key
  } catch (error) {
    // Two servers may start at once; the file of the first counts.
    const first = keyIn(path)
    if (first) return first
    throw error
  }
}

function keyIn(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim() || null
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
    throw error
  }
}
