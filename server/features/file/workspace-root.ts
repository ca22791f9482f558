import { join } from "node:path"
import type { Config } from "../../config.ts"

/** The folder that holds the project as it is now. */
export const workspaceRoot = (config: Pick<Config, "dataDir">, projectId: string): string =>
  join(config.dataDir, "workspaces", projectId)
