import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { readTreeFile } from "../../../lib/tree/read.ts"
import { type AppSpec, SandboxError } from "../port.ts"
import { exec } from "./exec.ts"
import type { Isolation } from "./job.ts"
import { plainReason } from "../reason.ts"

/** Installing may load a lot from far away. */
const installMs = 5 * 60_000

/** Files that decide what an installation leads to. */
const deciding =
  "package.json bun.lock bun.lockb package-lock.json pnpm-lock.yaml yarn.lock .npmrc bunfig.toml requirements.txt pyproject.toml".split(
    " ",
  )

/** A lock file beyond this counts by its size alone. */
const readBytes = 20_000_000

interface PrepareInput {
  isolation: Isolation
  /** Folder for the notes about what was prepared. */
  notes: string
  root: string
  dataDir: string
  marker: string
  app: AppSpec
  onProgress: (words: string) => void
  onOutput: (text: string) => void
  signal: AbortSignal
}

/** Runs `postCreateCommand` when it never ran for this folder, or when it or what it installs from has changed since. */
export async function prepare(input: PrepareInput): Promise<void> {
  const { app, root, signal } = input
  if (app.postCreateCommand === null) return
  const note = join(input.notes, createHash("sha256").update(root).digest("hex"))
  if ((await readFile(note, "utf8").catch(() => "")) === (await state(root, app))) return

  input.onProgress("Installing what it needs…")
  await rm(note, { force: true })
  const result = await exec(
    input.isolation,
    { root, dataDir: input.dataDir, identity: { type: "installer" }, cache: "fill", marker: input.marker },
    {
      root,
      dataDir: input.dataDir,
      command: app.postCreateCommand,
      env: app.env,
      timeoutMs: installMs,
      maxOutputBytes: 64 * 1024,
      onOutput: input.onOutput,
      signal,
    },
  )
  signal.throwIfAborted()
  if (result.ended === "timeout")
    throw new SandboxError("Installing what it needs took more than 5 minutes.", result.output, "timeout")
  if (result.exitCode !== 0) {
    const why = plainReason(result.output, `the command ended with code ${result.exitCode ?? "none"}`)
    throw new SandboxError(`Installing what it needs failed: ${why}`, result.output)
  }
  await mkdir(dirname(note), { recursive: true })
  await writeFile(note, await state(root, app))
}

async function state(root: string, app: AppSpec): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([app.postCreateCommand, app.env, process.versions["bun"]]))
  for (const name of deciding) hash.update(`\n${name}\n`).update(contentOf(root, name))
  // Installed files may be cleared away from outside.
  return `${hash.digest("hex")} ${existsSync(join(root, "node_modules")) ? "installed" : "bare"}`
}

/** An app can put anything at a name: a link to an endless device, or a pipe, would hold the server up. */
function contentOf(root: string, name: string): Uint8Array | string {
  try {
    const file = readTreeFile(root, name, readBytes)
    return file === null ? "" : "bytes" in file ? file.bytes : `${file.size} bytes`
  } catch {
    return ""
  }
}
