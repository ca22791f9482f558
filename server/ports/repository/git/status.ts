import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import type { FileChange } from "../../../../shared/version.ts"
import { diffTrees } from "./diff.ts"
import { mainHead } from "./refs.ts"
import { snapshotTree } from "./snapshot.ts"
import { emptyTree } from "./tree.ts"

/** Changes of a work tree against `main`; what had to be stored to see them goes again. */
export async function workTreeStatus(gitDir: string, workTree: string): Promise<FileChange[]> {
  const objects = await mkdtemp(join(gitDir, "status-"))
  const env = { GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(gitDir, "objects") }
  try {
    const head = await mainHead(gitDir)
    const tree = await snapshotTree(gitDir, head, workTree, env)
    return await diffTrees(gitDir, head ?? emptyTree, tree, env)
  } finally {
    await rm(objects, { recursive: true, force: true })
  }
}
