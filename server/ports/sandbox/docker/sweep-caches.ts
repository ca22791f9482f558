import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"

/** Removes the package caches of projects that are gone; one folder a project. */
export async function sweepCaches(
  folder: string,
  existing: (projectIds: string[]) => Promise<ReadonlySet<string>>,
): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const known = await existing(names)
  await Promise.all(
    names.map(async (name) => known.has(name) || rm(join(folder, name), { recursive: true, force: true })),
  )
}
