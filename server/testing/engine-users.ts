import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** Says that this process uses the engine of `folder`, for as long as it lives. */
export function enterEngine(folder: string): void {
  mkdirSync(join(folder, "users"), { recursive: true })
  writeFileSync(join(folder, "users", String(process.pid)), birth(String(process.pid)) ?? "")
}

/** Whether anybody who entered still lives; forgets those who do not. */
export function engineInUse(folder: string): boolean {
  const users = join(folder, "users")
  if (!existsSync(users)) return false
  const living = readdirSync(users).filter((pid) => {
    const file = join(users, pid)
    if (birth(pid) === readFileSync(file, "utf8")) return true
    rmSync(file, { force: true })
    return false
  })
  return living.length > 0
}

/** When a process began: tells it from a later one with the same number. */
export function birth(pid: string): string | null {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8")
    return status.slice(status.lastIndexOf(")")).split(" ")[20] ?? null
  } catch {
    return null
  }
}
