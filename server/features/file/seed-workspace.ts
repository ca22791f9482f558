import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Config } from "../../config.ts"
import { codeOf } from "../../lib/tree/folder.ts"
import { openScratch } from "../../lib/tree/replace.ts"
import { syncTree } from "../../lib/tree/sync.ts"
import { holdFiles } from "./hold-files.ts"
import { templateEntries } from "./template-entries.ts"
import { workspaceRoot } from "./workspace-root.ts"

/** Fills an empty workspace with a starter, whole or not at all; false when there are files already. */
export function seedWorkspace(
  config: Pick<Config, "dataDir">,
  projectId: string,
  templateName: string,
): Promise<boolean> {
  return holdFiles(projectId, () => seedHeld(config, projectId, templateName))
}

/** As `seedWorkspace`, for who holds the files already. */
export async function seedHeld(
  config: Pick<Config, "dataDir">,
  projectId: string,
  templateName: string,
): Promise<boolean> {
  const root = workspaceRoot(config, projectId)
  if (existsSync(root) && readdirSync(root).length > 0) return false
  mkdirSync(dirname(root), { recursive: true })
  const staged = join(openScratch(root), crypto.randomUUID())
  mkdirSync(staged, { recursive: true })
  try {
    const owner = statSync(existsSync(root) ? root : dirname(root))
    if (process.getuid?.() === 0 && owner.uid !== 0) chownSync(staged, owner.uid, owner.gid)
    await syncTree(staged, templateEntries(templateName), { largest: 0 })
    renameSync(staged, root)
    return true
  } catch (error) {
    rmSync(staged, { recursive: true, force: true })
    if (["ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "")) return false
    throw error
  }
}
