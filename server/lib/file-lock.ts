import { Database } from "bun:sqlite"

/**
 * Works under a lock between processes, released by the kernel when its holder dies (also by kill -9).
 * SQLite's exclusive transaction is the portable way to `fcntl` locks that Bun carries with it.
 * Waiting is done by trying again, never inside SQLite, so the event loop stays free.
 */
export async function withFileLock<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const held = await waitForLock(path, waitMs)
  try {
    return await work()
  } finally {
    held.close()
  }
}

async function waitForLock(path: string, waitMs: number): Promise<Database> {
  const until = Date.now() + waitMs
  for (;;) {
    const held = tryLock(path)
    if (held) return held
    if (Date.now() >= until) throw new Error(`The lock ${path} is held by another process.`)
    await Bun.sleep(15)
  }
}

function tryLock(path: string): Database | null {
  const file = new Database(path, { create: true })
  try {
    file.run("pragma busy_timeout = 0")
    file.run("begin exclusive")
    return file
  } catch (error) {
    file.close()
    if (error instanceof Error && /locked|busy/i.test(error.message)) return null
    throw error
  }
}
