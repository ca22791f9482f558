import { existsSync } from "node:fs"
import { join } from "node:path"

/** GitLab's own documents, kept beside the project; not everywhere. */
const folder = join(import.meta.dir, "../../../../../shared/contracts/gitlab")

/** Where the data is; null where it is absent. */
export const contractFolder = (): string | null => (existsSync(join(folder, "openapi-v2.reduced.json")) ? folder : null)

export const contractJson = async (folder: string, path: string): Promise<unknown> =>
  (await Bun.file(join(folder, path)).json()) as unknown
