import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { birth } from "./engine-process.ts"

/** Says that this process uses the engine of `folder`, for as long as it lives. */
export function enterEngine(folder: string): void {
  mkdirSync(join(folder, "users"), { recursive: true })
  writeFileSync(join(folder, "users", String(process.pid)), birth(String(process.pid)) ?? "")
}

/** Takes back `enterEngine`. */
export function leaveEngine(folder: string): void {
  rmSync(join(folder, "users", String(process.pid)), { force: true })
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
