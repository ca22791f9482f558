import { existsSync, readdirSync } from "node:fs"
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises"
import { join } from "node:path"
import type { Services } from "../../context.ts"
import { SandboxError } from "../../ports/sandbox/port.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import type { AppTarget } from "./target.ts"

/** Releases of one project that stay on disk, so that going back is quick. */
const keptReleases = 5

/** Folders of an app; a commit is checked out first. Draft, live and each version keep data of their own. */
export async function sourceOf(
  { config, repository }: Pick<Services, "config" | "repository">,
  target: AppTarget,
): Promise<{ root: string; dataDir: string }> {
  const { projectId, kind, ref } = target
  const dataDir = dataDirOf(config, target)
  if (kind === "draft") {
    const root = workspaceRoot(config, projectId)
    if (!existsSync(root) || readdirSync(root).length === 0) {
      throw new SandboxError("There is nothing to show yet: no file has been written.", "")
    }
    return { root, dataDir }
  }
  const root = releaseRoot(config, target)
  await mkdir(root, { recursive: true })
  // Also mends what an earlier checkout left half done, and what the app changed of its own files.
  await repository.checkout(projectId, ref, root)
  const now = new Date()
  await utimes(root, now, now)
  return { root, dataDir }
}

export function dataDirOf(
  { dataDir }: Pick<Services["config"], "dataDir">,
  { projectId, kind, ref }: AppTarget,
): string {
  return join(dataDir, "data", projectId, kind === "version" ? `version-${ref}` : kind)
}

// Live and a version of the same commit run under accounts of their own, so they cannot share a folder.
function releaseRoot({ dataDir }: Pick<Services["config"], "dataDir">, { projectId, kind, ref }: AppTarget): string {
  return join(dataDir, "releases", projectId, kind === "version" ? `version-${ref}` : ref)
}

/** Removes the releases used longest ago, without those that are needed. */
export async function pruneReleases(
  config: Pick<Services["config"], "dataDir">,
  projectId: string,
  needed: AppTarget[],
): Promise<void> {
  const folder = join(config.dataDir, "releases", projectId)
  const kept = new Set(needed.map((target) => releaseRoot(config, target)))
  const names = await readdir(folder).catch(() => [])
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return { name, path, usedAt: (await stat(path).catch(() => null))?.mtimeMs ?? 0 }
    }),
  )
  found.sort((a, b) => b.usedAt - a.usedAt)
  for (const { name, path } of found.slice(keptReleases)) {
    if (kept.has(path)) continue
    await rm(path, { recursive: true, force: true })
    // What was tried out on a version goes with it; draft and live keep their data.
    if (name.startsWith("version-"))
      await rm(join(config.dataDir, "data", projectId, name), { recursive: true, force: true })
  }
}
