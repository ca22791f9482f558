import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseEnv } from "node:util"

/**
 * Bun reads `.env` of the working directory. Started from another one (`bun /srv/go-chat/server/main.ts`) the
 * project's own file is read here, under what the environment says already.
 */
export function loadDotEnv(root = join(import.meta.dir, "../..")): void {
  if (process.cwd() === root) return
  try {
    const file = parseEnv(readFileSync(join(root, ".env"), "utf8"))
    for (const [name, value] of Object.entries(file)) process.env[name] ??= value
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error
  }
}
