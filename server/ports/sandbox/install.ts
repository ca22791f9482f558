import type { Installed } from "./installed.ts"
import { type AppSpec, type ExecResult, SandboxError } from "./port.ts"
import { plainReason } from "./reason.ts"

/** Installing may load a lot from far away. */
const installMs = 5 * 60_000
const progressMs = 300
const words = "Installing what it needs…"

interface InstallInput {
  root: string
  app: AppSpec
  /** What it is installed for: another image or version means installing again. */
  runtime: string
  onProgress: (words: string) => void
  onOutput: (text: string) => void
  signal: AbortSignal
  run(command: string, options: { timeoutMs: number; onOutput: (text: string) => void }): Promise<ExecResult>
}

/**
 * Runs `postCreateCommand` when it never ran for this folder, or when it or what it installs from has changed since.
 * Throws `SandboxError` with the first line that tells why it failed.
 */
export async function install(installed: Installed, input: InstallInput): Promise<void> {
  const { app, root, runtime, signal, onProgress } = input
  if (app.postCreateCommand === null || (await installed.is(root, app, runtime))) return
  onProgress(words)
  await installed.forget(root)
  const tell = lastLine((line) => onProgress(`${words} ${line}`))
  const result = await input.run(app.postCreateCommand, {
    timeoutMs: installMs,
    onOutput: (text) => {
      input.onOutput(text)
      tell(text)
    },
  })
  signal.throwIfAborted()
  if (result.ended === "timeout") {
    throw new SandboxError("Installing what it needs took more than 5 minutes.", result.output, "timeout")
  }
  if (result.exitCode !== 0) {
    const { because } = result
    if (because === "engine" || because === "disk") {
      throw new SandboxError(result.reason ?? "", result.output, because === "engine" ? "unavailable" : "disk")
    }
    const why = result.reason ?? plainReason(result.output, `the command ended with code ${result.exitCode ?? "none"}`)
    throw new SandboxError(`Installing what it needs failed: ${why}`, result.output)
  }
  await installed.remember(root, app, runtime)
}

/** Tells the newest whole line, not more often than people can read. */
function lastLine(tell: (line: string) => void): (text: string) => void {
  let told = 0
  return (text) => {
    const line = text
      .split("\n")
      .map((one) => Bun.stripANSI(one).trim())
      .findLast((one) => one !== "")
    if (line === undefined || performance.now() - told < progressMs) return
    told = performance.now()
    tell(line.length > 100 ? `${line.slice(0, 99)}…` : line)
  }
}
