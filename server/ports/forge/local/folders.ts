import { lstat, mkdir, readdir, rm } from "node:fs/promises"
import { join } from "node:path"

/** Only ids make folder names; anything else would be a way out of the folder. */
export const isId = (id: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)

/** Removes a folder and all in it, also what a job made unreadable. Links are removed, not followed. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
  } catch {
    await Bun.spawn(["chmod", "-R", "u+rwX", folder], { stdio: ["ignore", "ignore", "ignore"] }).exited
    await rm(folder, { recursive: true, force: true })
  }
}

/** Names of the folders inside, none when there is no such folder. */
export async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch {
    return []
  }
}

/** Makes the folder `path` inside `root`, never through a link; false when something else stands in the way. */
export async function makeInside(root: string, path: string, made: Set<string>): Promise<boolean> {
  let folder = root
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue
    folder = join(folder, part)
    if (made.has(folder)) continue
    await mkdir(folder).catch(() => {})
    const stat = await lstat(folder).catch(() => null)
    if (stat === null || !stat.isDirectory()) return false
    made.add(folder)
  }
  return true
}
