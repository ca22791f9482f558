import { install } from "../install.ts"
import type { Installed } from "../installed.ts"
import type { AppSpec } from "../port.ts"
import { exec } from "./exec.ts"
import type { Isolation } from "./job.ts"

interface PrepareInput {
  isolation: Isolation
  installed: Installed
  root: string
  dataDir: string
  marker: string
  app: AppSpec
  onProgress: (words: string) => void
  onOutput: (text: string) => void
  signal: AbortSignal
}

/** Installs what the app needs, when it is due, as the account that fills the package cache. */
export function prepare(input: PrepareInput): Promise<void> {
  const { isolation, root, dataDir, app, marker, signal } = input
  return install(input.installed, {
    ...input,
    runtime: process.versions["bun"] ?? "",
    run: (command, { timeoutMs, onOutput }) =>
      exec(
        isolation,
        { root, dataDir, identity: { type: "installer" }, cache: "fill", marker },
        { root, dataDir, command, env: app.env, timeoutMs, maxOutputBytes: 64 * 1024, onOutput, signal },
      ),
  })
}
